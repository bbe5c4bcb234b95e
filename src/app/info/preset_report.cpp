#include "app/info/preset_report.hpp"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/options/config_options.hpp"
#include "config/fields.hpp"
#include "config/presets.hpp"
#include "io/config_text.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

/// The last value that names the field is the one that counts.
std::string_view source_of(std::string_view field, const std::vector<PresetValue>& values,
                           const ConfigOptions& options) {
  if (options.given(field)) return "given";
  const auto named =
      std::find_if(values.rbegin(), values.rend(),
                   [field](const PresetValue& value) { return value.field == field; });
  return named == values.rend() ? "Polyak's default" : named->source;
}

/// The preset's values, with those of its TD3 if that was asked for.
std::vector<PresetValue> asked_values(const Config& config, const ConfigOptions& options) {
  std::optional<Algorithm> asked_for;
  if (options.given("algorithm")) asked_for = config.algorithm;
  return preset_values(config.preset, asked_for);
}

bool has_own_td3(const PresetDescription& preset, const Config& config) {
  return config.algorithm == Algorithm::td3 && !preset.td3.system.empty();
}

std::string_view system_of(const PresetDescription& preset, const Config& config) {
  return has_own_td3(preset, config) ? preset.td3.system : preset.system;
}

/// In what the configuration is not that system.
std::vector<std::string_view> deviations_of(const PresetDescription& preset, const Config& config) {
  std::vector<std::string_view> deviations(preset.deviations.begin(), preset.deviations.end());
  if (has_own_td3(preset, config)) {
    deviations.insert(deviations.end(), preset.td3.deviations.begin(), preset.td3.deviations.end());
  }
  return deviations;
}

}  // namespace

void print_preset(const Config& config, const ConfigOptions& options, std::ostream& out) {
  const PresetDescription& preset = describe_preset(config.preset);
  const std::vector<PresetValue> values = asked_values(config, options);
  out << "Preset " << to_string(config.preset) << ": " << system_of(preset, config) << '\n';
  std::string_view group;
  visit_fields(config, [&](const FieldInfo& field, const auto& value) {
    if (field.name == "preset") return;
    if (field.group != group) out << "  " << (group = field.group) << '\n';
    std::string text = join_text(field_texts(value), ",");
    if (text.empty()) text = "none";
    out << "    " << std::left << std::setw(24) << field.name << ' ' << std::setw(20) << text << ' '
        << source_of(field.name, values, options) << '\n';
  });
  const std::vector<std::string_view> deviations = deviations_of(preset, config);
  if (deviations.empty()) return;
  out << "  In what it is not that system\n";
  for (const std::string_view deviation : deviations) out << "    " << deviation << '\n';
}

nlohmann::ordered_json preset_json(const Config& config, const ConfigOptions& options) {
  const PresetDescription& preset = describe_preset(config.preset);
  const std::vector<PresetValue> sources = asked_values(config, options);
  const nlohmann::ordered_json values = config_to_json(config);
  nlohmann::ordered_json json = {{"name", to_string(config.preset)},
                                 {"system", system_of(preset, config)},
                                 {"values", nlohmann::ordered_json::array()},
                                 {"deviations", deviations_of(preset, config)}};
  for (const auto& [field, value] : values.items()) {
    if (field == "preset") continue;
    json["values"].push_back(
        {{"field", field}, {"value", value}, {"source", source_of(field, sources, options)}});
  }
  return json;
}

}  // namespace polyak
