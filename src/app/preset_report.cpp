#include "app/preset_report.hpp"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <string>

#include "app/config_options.hpp"
#include "io/config_text.hpp"
#include "io/text_value.hpp"
#include "polyak/config_presets.hpp"

namespace polyak {
namespace {

std::string_view source_of(std::string_view field, const PresetDescription& preset,
                           const ConfigOptions& options) {
  if (options.given(field)) return "given";
  const auto named =
      std::find_if(preset.values.begin(), preset.values.end(),
                   [field](const PresetValue& value) { return value.field == field; });
  return named == preset.values.end() ? "Polyak's default" : named->source;
}

}  // namespace

void print_preset(const Config& config, const ConfigOptions& options, std::ostream& out) {
  const PresetDescription& preset = describe_preset(config.preset);
  out << "Preset " << to_string(config.preset) << ": " << preset.system << '\n';
  std::string_view group;
  visit_fields(config, [&](const FieldInfo& field, const auto& value) {
    if (field.name == "preset") return;
    if (field.group != group) out << "  " << (group = field.group) << '\n';
    std::string text = join_text(field_texts(value), ",");
    if (text.empty()) text = "none";
    out << "    " << std::left << std::setw(24) << field.name << ' ' << std::setw(20) << text << ' '
        << source_of(field.name, preset, options) << '\n';
  });
  if (preset.deviations.empty()) return;
  out << "  In what it is not that system\n";
  for (const std::string_view deviation : preset.deviations) out << "    " << deviation << '\n';
}

nlohmann::ordered_json preset_json(const Config& config, const ConfigOptions& options) {
  const PresetDescription& preset = describe_preset(config.preset);
  const nlohmann::ordered_json values = config_to_json(config);
  nlohmann::ordered_json json = {{"name", to_string(config.preset)},
                                 {"system", preset.system},
                                 {"values", nlohmann::ordered_json::array()},
                                 {"deviations", preset.deviations}};
  for (const auto& [field, value] : values.items()) {
    if (field == "preset") continue;
    json["values"].push_back(
        {{"field", field}, {"value", value}, {"source", source_of(field, preset, options)}});
  }
  return json;
}

}  // namespace polyak
