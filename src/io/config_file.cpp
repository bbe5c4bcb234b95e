#include "io/config_file.hpp"

#include "io/text_value.hpp"
#include "io/toml_entries.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

[[noreturn]] void refuse_entry(const std::string& file, const TomlEntry& entry,
                               const TomlValue& value, const std::string& why) {
  throw UsageError(place_in(file, value.position) + "'" + entry.name + "' " + why);
}

ConfigValue plain_value(const std::string& file, const TomlEntry& entry, const TomlValue& value) {
  switch (value.kind) {
    case TomlKind::number:
      return {ConfigValueKind::number, value.text};
    case TomlKind::word:
      return {ConfigValueKind::word, value.text};
    case TomlKind::truth:
      return {ConfigValueKind::truth, value.text};
    case TomlKind::list:
      refuse_entry(file, entry, value, "has a list in a list");
    case TomlKind::table:
      break;
  }
  refuse_entry(file, entry, value,
               "is a table where a value belongs; a table is a line [Name] of its own");
}

}  // namespace

std::vector<ConfigEntry> parse_config_file(std::string_view text, const std::string& file) {
  std::vector<ConfigEntry> entries;
  for (const TomlEntry& entry : parse_toml_entries(text, file)) {
    ConfigEntry plain{entry.table, entry.name, {}, place_in(file, entry.position)};
    const TomlValue& value = entry.value;
    if (value.kind == TomlKind::list) {
      for (const TomlValue& item : value.values) {
        plain.values.push_back(plain_value(file, entry, item));
      }
    } else if (!entry.name.empty()) {
      plain.values.push_back(plain_value(file, entry, value));
    }
    entries.push_back(std::move(plain));
  }
  return entries;
}

std::string configured_text(std::span<const ConfigEntry> entries, std::string_view field) {
  std::vector<std::string> texts;
  for (const ConfigEntry& entry : entries) {
    if (entry.name != field) continue;
    for (const ConfigValue& value : entry.values) texts.push_back(value.text);
  }
  return join_text(texts, ",");
}

}  // namespace polyak
