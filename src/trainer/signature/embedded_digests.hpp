// The committed table of digests inside the program.
#pragma once

#include <string_view>

namespace polyak {

/// signatures.txt as it was when the program was built.
extern const std::string_view embedded_digests;

}  // namespace polyak
