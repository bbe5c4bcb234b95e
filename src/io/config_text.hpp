// A configuration as a file that can be fed back, and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "polyak/config.hpp"

namespace polyak {

/// Every field as a line `name = value` of TOML, in tables named as the groups, with its help as a
/// comment.
std::string config_to_toml(const Config& config);

/// Such a text's configuration; what it does not name has its default. `name` is the text's, for
/// messages. UsageError for what is no such text; not validated.
Config config_from_toml(std::string_view text, const std::string& name);

/// Every field by name; lists as arrays.
nlohmann::ordered_json config_to_json(const Config& config);

}  // namespace polyak
