// Applying presets, and what does not go together with one.
#include <algorithm>
#include <string>

#include "config/checks.hpp"
#include "config/own_presets.hpp"
#include "polyak/config_presets.hpp"

namespace polyak {

const PresetDescription& describe_preset(Preset preset) {
  const auto presets = all_presets();
  return *std::find_if(presets.begin(), presets.end(),
                       [preset](const PresetDescription& one) { return one.preset == preset; });
}

void apply_preset(Config& config, Preset preset) {
  config.preset = preset;
  for (const PresetValue& value : describe_preset(preset).values) value.set(config);
}

void check_preset(const Config& config) {
  // Polyak's own settings are for any algorithm; the others are somebody's system.
  if (is_own_preset(config.preset)) return;
  Config system;
  apply_preset(system, config.preset);
  if (system.algorithm == config.algorithm) return;
  refuse("preset", std::string(to_string(config.preset)) + " is a system of " +
                       std::string(to_string(system.algorithm)) + ", not of " +
                       std::string(to_string(config.algorithm)) +
                       "; leave --algorithm out, or use another preset");
}

}  // namespace polyak
