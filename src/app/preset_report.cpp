#include "app/preset_report.hpp"

#include <algorithm>
#include <iomanip>
#include <optional>
#include <string>
#include <vector>

#include "app/config_options.hpp"
#include "io/text_value.hpp"
#include "polyak/config_presets.hpp"

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

}  // namespace

void print_preset(const Config& config, const ConfigOptions& options, std::ostream& out) {
  const PresetDescription& preset = describe_preset(config.preset);
  std::optional<Algorithm> asked_for;
  if (options.given("algorithm")) asked_for = config.algorithm;
  const std::vector<PresetValue> values = preset_values(config.preset, asked_for);
  const bool is_td3 = config.algorithm == Algorithm::td3 && !preset.td3.system.empty();
  out << "Preset " << to_string(config.preset) << ": "
      << (is_td3 ? preset.td3.system : preset.system) << '\n';
  std::string_view group;
  visit_fields(config, [&](const FieldInfo& field, const auto& value) {
    if (field.name == "preset") return;
    if (field.group != group) out << "  " << (group = field.group) << '\n';
    std::string text = join_text(field_texts(value), ",");
    if (text.empty()) text = "none";
    out << "    " << std::left << std::setw(24) << field.name << ' ' << std::setw(20) << text << ' '
        << source_of(field.name, values, options) << '\n';
  });
  std::vector<std::string_view> deviations(preset.deviations.begin(), preset.deviations.end());
  if (is_td3) {
    deviations.insert(deviations.end(), preset.td3.deviations.begin(), preset.td3.deviations.end());
  }
  if (deviations.empty()) return;
  out << "  In what it is not that system\n";
  for (const std::string_view deviation : deviations) out << "    " << deviation << '\n';
}

}  // namespace polyak
