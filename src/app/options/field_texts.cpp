#include "app/options/field_texts.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <type_traits>

#include "app/options/suggestion.hpp"
#include "config/fields.hpp"
#include "config/presets.hpp"
#include "io/config_file.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// What files are held against.
struct KnownField {
  std::string name;
  std::string group;
  ConfigValueKind kind;
};

template <class T>
constexpr ConfigValueKind kind_of() {
  if constexpr (requires(T field) { field.values; }) {
    return kind_of<typename decltype(T::values)::value_type>();
  } else if constexpr (std::is_same_v<T, std::string> || std::is_enum_v<T> ||
                       std::is_same_v<T, Device>) {
    return ConfigValueKind::word;
  } else if constexpr (is_list_field<T>) {
    return kind_of<typename T::value_type>();
  } else {
    return std::is_same_v<T, bool> ? ConfigValueKind::truth : ConfigValueKind::number;
  }
}

std::vector<KnownField> known_fields() {
  std::vector<KnownField> fields;
  const Config config;
  visit_fields(config, [&]<class T>(const FieldInfo& field, const T&) {
    fields.push_back({std::string(field.name), std::string(field.group), kind_of<T>()});
  });
  return fields;
}

const KnownField& find_field(const ConfigEntry& entry, const std::vector<KnownField>& fields) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const KnownField& field) {
    return field.name == entry.name;
  });
  if (found != fields.end()) return *found;
  std::vector<std::string> names;
  for (const KnownField& field : fields) names.push_back(field.name);
  throw UsageError(entry.place + "unknown name '" + entry.name + "'" +
                   did_you_mean(entry.name, names));
}

std::string in_brackets(const std::string& table) {
  return table.find(' ') == std::string::npos ? "[" + table + "]" : "[\"" + table + "\"]";
}

/// A table with nothing in it does no harm, unless it is a mistyped one.
void check_empty_table(const ConfigEntry& entry, const std::vector<KnownField>& fields) {
  std::vector<std::string> groups;
  for (const KnownField& field : fields) {
    if (field.group == entry.table) return;
    if (groups.empty() || groups.back() != field.group) groups.push_back(field.group);
  }
  throw UsageError(entry.place + "unknown table '" + entry.table + "'" +
                   did_you_mean(entry.table, groups));
}

/// A seed may be beyond what TOML has numbers for, and is written in quotes then.
bool is_large_number(const ConfigValue& value) {
  const std::optional<std::uint64_t> number = parse_number<std::uint64_t>(value.text);
  return number && *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

void check_kinds(const ConfigEntry& entry, const KnownField& field) {
  for (const ConfigValue& value : entry.values) {
    if (value.kind == field.kind) continue;
    switch (field.kind) {
      case ConfigValueKind::number:
        if (is_large_number(value)) break;
        throw UsageError(entry.place + "'" + field.name +
                         "' takes a number, without quotes, not '" + value.text + "'");
      case ConfigValueKind::truth:
        throw UsageError(entry.place + "'" + field.name +
                         "' takes true or false, without quotes, not '" + value.text + "'");
      case ConfigValueKind::word:
        throw UsageError(entry.place + "'" + field.name + "' takes a word in quotes, not " +
                         value.text);
    }
  }
}

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

/// What everything else replaces values of: the preset that is named, or else what the environment
/// recommends.
Config first_config(const FieldTexts& from_command, const FieldTexts& from_file) {
  Config config;
  if (from_command.contains("preset") || from_file.contains("preset")) {
    Preset preset{};
    for (const FieldTexts* const texts : {&from_file, &from_command}) {
      set_field("preset", *texts, preset);
    }
    apply_preset(config, preset);
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

void set_fields(const FieldTexts& texts, Config& config) {
  clear_other_noise(texts, config);
  visit_fields(config, [&]<class T>(const FieldInfo& field, T& value) {
    set_field(field.name, texts, value);
  });
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
  const std::vector<KnownField> fields = known_fields();
  FieldTexts texts;
  for (const ConfigEntry& entry : parse_config_file(text, file)) {
    if (entry.name.empty()) {
      check_empty_table(entry, fields);
      continue;
    }
    const KnownField& field = find_field(entry, fields);
    if (!entry.table.empty() && entry.table != field.group) {
      throw UsageError(entry.place + "'" + entry.name + "' is in the table " +
                       in_brackets(entry.table) + "; it belongs into " + in_brackets(field.group) +
                       ", or before all tables");
    }
    check_kinds(entry, field);
    FieldText given{{}, entry.place};
    for (const ConfigValue& value : entry.values) given.values.push_back(value.text);
    if (!texts.emplace(entry.name, std::move(given)).second) {
      throw UsageError(entry.place + "'" + entry.name + "' is there twice");
    }
  }
  return texts;
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
