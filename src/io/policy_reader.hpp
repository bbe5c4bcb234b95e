// Policies from the bytes of their files.
#pragma once

#include <string>
#include <string_view>

#include "polyak/policy.hpp"

namespace polyak {

/// What Policy::load makes of a file with these bytes; `name` is the file's, for messages.
Policy parse_policy(std::string_view bytes, const std::string& name);

}  // namespace polyak
