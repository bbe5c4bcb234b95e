// What a preset is: every value and where it comes from.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "polyak/config.hpp"

namespace polyak {

class ConfigOptions;

/// Every field of `config` with its source: the preset's, the user's, or Polyak's default; then
/// what the preset is not.
void print_preset(const Config& config, const ConfigOptions& options, std::ostream& out);

/// The same: {"name", "system", "values": [{"field", "value", "source"}], "deviations"}.
nlohmann::ordered_json preset_json(const Config& config, const ConfigOptions& options);

}  // namespace polyak
