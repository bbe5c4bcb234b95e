// A configuration as a file that can be fed back, and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "polyak/config.hpp"

namespace polyak {

/// Every field as a line `name = value` of TOML, in tables named as the groups, with its help as a
/// comment.
std::string config_to_toml(const Config& config);

/// Every field by name; lists as arrays.
nlohmann::ordered_json config_to_json(const Config& config);

}  // namespace polyak
