// What environments recommend, from text to fields.
#include <string>

#include "config/fields.hpp"
#include "io/text_value.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

void apply(const RecommendedSetting& setting, std::string_view environment, Config& config) {
  if (setting.option == field_name(&Config::preset)) {
    return apply_preset(config, parse_enum<Preset>(setting.value));
  }
  if (setting.option == field_name(&Config::algorithm)) {
    return apply_algorithm(config, parse_enum<Algorithm>(setting.value));
  }
  bool found = false;
  const std::string text(setting.value);
  visit_fields(config, [&]<class T>(const FieldInfo& field, T& value) {
    if (field.name != setting.option) return;
    parse_field(field.name, std::span(&text, 1), value);
    found = true;
  });
  if (!found) {
    throw UsageError(std::string(environment) + " recommends --" + std::string(setting.option) +
                     ", which is no option of a training");
  }
}

}  // namespace

Config recommended_config(std::string_view environment) {
  const EnvironmentInfo info = find_environment(environment);
  Config config;
  for (const RecommendedSetting& setting : info.recommended) apply(setting, info.name, config);
  config.environment = info.name;  // a preset may have set another one
  return config;
}

}  // namespace polyak
