// Applying presets, and what does not go together with one.
#include "config/presets.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "config/checks.hpp"
#include "config/own_presets.hpp"

namespace polyak {
namespace {

void set_all(std::span<const PresetValue> values, Config& config) {
  for (const PresetValue& value : values) value.set(config);
}

/// That of the preset alone.
Algorithm algorithm_of(const PresetDescription& preset) {
  Config config;
  set_all(preset.values, config);
  return config.algorithm;
}

bool has_own_td3(const PresetDescription& preset, Algorithm algorithm) {
  return algorithm == Algorithm::td3 && !preset.td3.system.empty();
}

bool names(std::span<const PresetValue> values, std::string_view field) {
  return std::any_of(values.begin(), values.end(),
                     [field](const PresetValue& value) { return value.field == field; });
}

/// What an algorithm sets when it is asked for beside a preset: what everyone has in it, then what
/// the preset's system has. Polyak's own presets are no system, and take any algorithm as it is.
std::vector<PresetValue> values_with(const PresetDescription& preset, Algorithm algorithm) {
  const auto general = algorithm_values(algorithm);
  std::vector<PresetValue> values(general.begin(), general.end());
  if (is_own_preset(preset.preset)) return values;
  if (has_own_td3(preset, algorithm)) {
    values.insert(values.end(), preset.td3.values.begin(), preset.td3.values.end());
  } else if (algorithm == algorithm_of(preset)) {
    std::copy_if(preset.values.begin(), preset.values.end(), std::back_inserter(values),
                 [&](const PresetValue& value) {
                   return names(general, value.field) || names(preset.td3.values, value.field);
                 });
  }
  return values;
}

}  // namespace

const PresetDescription& describe_preset(Preset preset) {
  const auto presets = all_presets();
  return *std::find_if(presets.begin(), presets.end(),
                       [preset](const PresetDescription& one) { return one.preset == preset; });
}

std::vector<PresetValue> preset_values(Preset preset, std::optional<Algorithm> algorithm) {
  const PresetDescription& description = describe_preset(preset);
  const auto of_system = description.values;
  std::vector<PresetValue> values(of_system.begin(), of_system.end());
  if (!algorithm) return values;
  const std::vector<PresetValue> more = values_with(description, *algorithm);
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

void apply_preset(Config& config, Preset preset) {
  config.preset = preset;
  set_all(preset_values(preset), config);
}

void apply_algorithm(Config& config, Algorithm algorithm) {
  set_all(values_with(describe_preset(config.preset), algorithm), config);
}

void check_preset(const Config& config) {
  const PresetDescription& preset = describe_preset(config.preset);
  const Algorithm own = algorithm_of(preset);
  const bool fits = is_own_preset(config.preset) || config.algorithm == own ||
                    has_own_td3(preset, config.algorithm);
  if (fits) return;
  refuse("preset", std::string(to_string(config.preset)) + " is a system of " +
                       std::string(to_string(own)) + ", not of " +
                       std::string(to_string(config.algorithm)) +
                       "; leave --algorithm out, or use another preset");
}

}  // namespace polyak
