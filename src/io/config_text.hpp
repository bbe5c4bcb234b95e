// A configuration as a file that can be fed back, and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "polyak/config.hpp"

namespace polyak {

/// What a training's config.toml begins with.
inline constexpr std::string_view training_comment =
    "A training of polyak; repeat it with: polyak train --config THIS_FILE";

/// Every field as a line `name = value` of TOML, in tables named as the groups, with its help as a
/// comment; `comment` is the first line.
std::string config_to_toml(const Config& config, std::string_view comment = training_comment);

/// Such a text's configuration; what it does not name has its default. `name` is the text's, for
/// messages. UsageError for what is no such text; not validated.
Config config_from_toml(std::string_view text, const std::string& name);

/// Every field by name; lists as arrays.
nlohmann::ordered_json config_to_json(const Config& config);

}  // namespace polyak
