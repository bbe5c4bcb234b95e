#include "io/field_texts.hpp"

#include "config/fields.hpp"
#include "config/presets.hpp"
#include "io/config_file.hpp"
#include "io/known_fields.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// Calls `use` with what `texts` has for the field, if it has; a refusal gets its place.
template <class Use>
void with_field(std::string_view name, const FieldTexts& texts, Use&& use) {
  const auto entry = texts.find(name);
  if (entry == texts.end()) return;
  try {
    use(entry->second.values);
  } catch (const UsageError& error) {
    throw UsageError(entry->second.place + error.what());
  }
}

/// Adds what `texts` has for the field to its value.
template <class T>
void set_field(std::string_view name, const FieldTexts& texts, T& value) {
  with_field(name, texts, [&](const auto& values) { parse_field(name, values, value); });
}

/// What everything else replaces values of: the preset that is named, for another environment than
/// its own with that one's time limits, or else what the environment recommends.
Config first_config(const FieldTexts& from_command, const FieldTexts& from_file) {
  Config config;
  if (from_command.contains("preset") || from_file.contains("preset")) {
    Preset preset{};
    for (const FieldTexts* const texts : {&from_file, &from_command}) {
      set_field("preset", *texts, preset);
    }
    apply_preset(config, preset);
    std::string environment = config.environment;
    for (const FieldTexts* const texts : {&from_file, &from_command}) {
      set_field("environment", *texts, environment);
    }
    // The preset's time limits are those of its own environment.
    if (environment != config.environment) {
      config.time_limit = config.evaluation_time_limit = Config{}.time_limit;
    }
    return config;
  }
  const FieldTexts& texts = from_command.contains("environment") ? from_command : from_file;
  with_field("environment", texts, [&](const auto& values) {
    parse_field("environment", values, config.environment);
    config = recommended_config(config.environment);
  });
  return config;
}

/// Sigma comes from noise-scale or from noise-ladder: who names one of them replaces the other,
/// whoever has set it before.
void clear_other_noise(const FieldTexts& texts, Config& config) {
  const bool scale = texts.contains(field_name(&Config::noise_scale));
  const bool ladder = texts.contains(field_name(&Config::noise_ladder));
  if (ladder && !scale) config.noise_scale = Config{}.noise_scale;
  if (scale && !ladder) config.noise_ladder.clear();
}

/// A field of `texts` that the algorithm's name stands for; nullptr if there is none.
const FieldTexts::value_type* part_of_algorithm(const FieldTexts& texts) {
  Config ddpg, td3;
  apply_algorithm(ddpg, Algorithm::ddpg);
  apply_algorithm(td3, Algorithm::td3);
  std::map<std::string_view, std::vector<std::string>> of_ddpg;
  const FieldTexts::value_type* found = nullptr;
  visit_fields(ddpg, [&](const FieldInfo& field, const auto& value) {
    of_ddpg.emplace(field.name, field_texts(value));
  });
  visit_fields(td3, [&](const FieldInfo& field, const auto& value) {
    const auto entry = texts.find(field.name);
    const bool part = field.name != "algorithm" && of_ddpg[field.name] != field_texts(value);
    if (part && entry != texts.end() && found == nullptr) found = &*entry;
  });
  return found;
}

/// With another algorithm, what the file gives of its own would be left: neither the one training
/// nor the other.
void check_algorithms(const FieldTexts& from_command, const FieldTexts& from_file) {
  const auto named = from_command.find("algorithm"), of_file = from_file.find("algorithm");
  if (named == from_command.end() || of_file == from_file.end()) return;
  if (named->second.values == of_file->second.values) return;
  const FieldTexts::value_type* const part = part_of_algorithm(from_file);
  if (part == nullptr) return;
  throw UsageError(part->second.place + "'" + part->first + "' belongs to the file's algorithm " +
                   join_text(of_file->second.values, ",") + ", not to --algorithm " +
                   join_text(named->second.values, ",") +
                   "; leave such lines out of the file, or --algorithm out of the command line");
}

}  // namespace

FieldTexts parse_config_fields(std::string_view text, const std::string& file) {
  FieldTexts texts;
  for (const ConfigEntry& entry : parse_config_file(text, file)) {
    const KnownField* const field = find_known_field(entry.table, entry.name, entry.place);
    if (field == nullptr) continue;
    FieldText given{{}, entry.place};
    for (const ConfigValue& value : entry.values) {
      check_kind(*field, value, entry.place);
      given.values.push_back(value.text);
    }
    if (!texts.emplace(entry.name, std::move(given)).second) {
      throw UsageError(entry.place + "'" + entry.name + "' is there twice");
    }
  }
  return texts;
}

void set_fields(const FieldTexts& texts, Config& config) {
  clear_other_noise(texts, config);
  visit_fields(config, [&]<class T>(const FieldInfo& field, T& value) {
    set_field(field.name, texts, value);
  });
}

Config config_from_texts(const FieldTexts& from_command, const FieldTexts& from_file) {
  check_algorithms(from_command, from_file);
  Config config = first_config(from_command, from_file);
  if (from_file.contains("algorithm") || from_command.contains("algorithm")) {
    Algorithm algorithm{};
    for (const FieldTexts* const texts : {&from_file, &from_command}) {
      set_field("algorithm", *texts, algorithm);
    }
    apply_algorithm(config, algorithm);
  }
  set_fields(from_file, config);
  set_fields(from_command, config);
  return config;
}

}  // namespace polyak
