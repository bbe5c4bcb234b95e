#include "io/program_version.hpp"

namespace polyak {

std::string_view program_version() { return POLYAK_VERSION; }

}  // namespace polyak
