// Named configurations: the systems of the DDPG family, each value with where it comes from.
#pragma once

#include <span>
#include <string_view>

#include "polyak/config.hpp"

namespace polyak {

/// One field's value in a preset.
struct PresetValue {
  std::string_view field;
  void (*set)(Config& config);
  std::string_view source;
};

/// A preset: whatever it does not name stays as in Config{}.
struct PresetDescription {
  Preset preset;
  std::string_view system;  // what it reproduces, and where that is to be found
  std::span<const PresetValue> values;
  std::span<const std::string_view> deviations;  // in what it is not that system
};

std::span<const PresetDescription> all_presets();
const PresetDescription& describe_preset(Preset preset);

/// Sets config.preset and every field that the preset names.
void apply_preset(Config& config, Preset preset);

}  // namespace polyak
