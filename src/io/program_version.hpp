// The version of this program, which files say they were written by.
#pragma once

#include <string_view>

namespace polyak {

/// "0.1.0", as CMakeLists.txt has it.
std::string_view program_version();

}  // namespace polyak
