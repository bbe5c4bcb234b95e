#include "app/options/recommendation.hpp"

#include <vector>

#include "app/options/config_options.hpp"
#include "config/fields.hpp"
#include "io/text_value.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {

std::string recommended_options(std::span<const RecommendedSetting> settings) {
  std::string text;
  for (const RecommendedSetting& setting : settings) {
    text += (text.empty() ? "--" : " --") + std::string(setting.option) + ' ' +
            std::string(setting.value);
  }
  return text;
}

namespace {

/// Whether that is how the training is: something else may have taken the setting's place.
bool has(const Config& config, const RecommendedSetting& setting) {
  bool same = false;
  const std::string text(setting.value);
  visit_fields(config, [&](const FieldInfo& field, auto value) {
    if (field.name != setting.option) return;
    const std::vector<std::string> texts = field_texts(value);
    parse_field(field.name, std::span(&text, 1), value);
    same = field_texts(value) == texts;
  });
  return same;
}

}  // namespace

std::string describe_recommendation(const ConfigOptions& options, const Config& config) {
  if (options.given("preset")) return {};
  std::vector<RecommendedSetting> taken;
  for (const RecommendedSetting& setting : find_environment(config.environment).recommended) {
    if (!options.given(setting.option) && has(config, setting)) taken.push_back(setting);
  }
  if (taken.empty()) return {};
  return config.environment + " gets what it recommends: " + recommended_options(taken) +
         " (`polyak info --environment " + config.environment +
         "` says why, --preset fast leaves it out)";
}

void print_recommendation(std::ostream& out, const ConfigOptions& options, const Config& config) {
  const std::string description = describe_recommendation(options, config);
  if (!description.empty()) out << description << '\n';
}

}  // namespace polyak
