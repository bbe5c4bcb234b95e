#include "io/known_fields.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

#include "config/fields.hpp"
#include "io/suggestion.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

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

const std::vector<KnownField>& known_fields() {
  static const std::vector<KnownField> all = [] {
    std::vector<KnownField> fields;
    const Config config;
    visit_fields(config, [&]<class T>(const FieldInfo& field, const T&) {
      fields.push_back({std::string(field.name), std::string(field.group), kind_of<T>(),
                        is_list_field<T> && !field.per_agent});
    });
    return fields;
  }();
  return all;
}

std::string in_brackets(const std::string& table) {
  return table.find(' ') == std::string::npos ? "[" + table + "]" : "[\"" + table + "\"]";
}

bool is_group(const std::string& table) {
  return std::any_of(known_fields().begin(), known_fields().end(),
                     [&](const KnownField& field) { return field.group == table; });
}

/// A table with nothing in it does no harm, unless it is a mistyped one.
void check_empty_table(const std::string& table, const std::string& place) {
  if (is_group(table)) return;
  std::vector<std::string> groups;
  for (const KnownField& field : known_fields()) {
    if (groups.empty() || groups.back() != field.group) groups.push_back(field.group);
  }
  throw UsageError(place + "unknown table '" + table + "'" + did_you_mean(table, groups));
}

/// A seed may be beyond what TOML has numbers for, and is written in quotes then.
bool is_large_number(const ConfigValue& value) {
  const std::optional<std::uint64_t> number = parse_number<std::uint64_t>(value.text);
  return number && *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

}  // namespace

const KnownField* find_known_field(const std::string& table, const std::string& name,
                                   const std::string& place) {
  if (name.empty()) {
    check_empty_table(table, place);
    return nullptr;
  }
  const std::vector<KnownField>& fields = known_fields();
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const KnownField& field) { return field.name == name; });
  if (found == fields.end()) {
    std::vector<std::string> names;
    for (const KnownField& field : fields) names.push_back(field.name);
    const std::string whole = table.empty() || is_group(table) ? name : table + "." + name;
    throw UsageError(place + "unknown name '" + whole + "'" + did_you_mean(name, names));
  }
  if (!table.empty() && table != found->group) {
    throw UsageError(place + "'" + name + "' is in the table " + in_brackets(table) +
                     "; it belongs into " + in_brackets(found->group) + ", or before all tables");
  }
  return &*found;
}

void check_kind(const KnownField& field, const ConfigValue& value, const std::string& place) {
  if (value.kind == field.kind) return;
  switch (field.kind) {
    case ConfigValueKind::number:
      if (is_large_number(value)) break;
      throw UsageError(place + "'" + field.name + "' takes a number, without quotes, not '" +
                       value.text + "'");
    case ConfigValueKind::truth:
      throw UsageError(place + "'" + field.name + "' takes true or false, without quotes, not '" +
                       value.text + "'");
    case ConfigValueKind::word:
      throw UsageError(place + "'" + field.name + "' takes a word in quotes, not " + value.text);
  }
}

}  // namespace polyak
