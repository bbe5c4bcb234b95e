#include "io/config_text.hpp"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "config/fields.hpp"
#include "io/config_file.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

template <class T>
inline constexpr bool is_number_field = std::is_arithmetic_v<T>;
template <class T>
inline constexpr bool is_number_field<std::vector<T>> = std::is_arithmetic_v<T>;
template <class T>
inline constexpr bool is_number_field<PerAgent<T>> = std::is_arithmetic_v<T>;

/// TOML's whole numbers end at 2^63 - 1; seeds do not.
bool is_beyond_toml(const std::string& number) {
  const std::optional<std::uint64_t> whole = parse_number<std::uint64_t>(number);
  return whole && *whole > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

/// A float32 as the decimal number that was meant: 0.1, not 0.10000000149011612.
nlohmann::ordered_json number_json(float value) {
  return parse_number<double>(format_number(value)).value_or(0.0);
}
nlohmann::ordered_json number_json(auto value) { return value; }

template <class T>
nlohmann::ordered_json field_json(const T& value) {
  if constexpr (requires { value.values; }) {
    if (value.values.size() == 1) return number_json(value.values.front());
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto number : value.values) list.push_back(number_json(number));
    return list;
  } else if constexpr (std::is_enum_v<T> || std::is_same_v<T, Device>) {
    return std::string(to_string(value));
  } else if constexpr (std::is_arithmetic_v<T>) {
    return number_json(value);
  } else {
    return value;
  }
}

}  // namespace

std::string config_to_toml(const Config& config, std::string_view comment) {
  std::string text = "# " + std::string(comment) + "\n";
  std::string_view group;
  visit_fields(config, [&]<class T>(const FieldInfo& field, const T& value) {
    if (field.group != group) {
      group = field.group;
      const bool bare = group.find(' ') == std::string_view::npos;
      text += "\n[" + (bare ? std::string(group) : '"' + std::string(group) + '"') + "]\n";
    }
    std::vector<std::string> texts = field_texts(value);
    for (std::string& part : texts) {
      if (!is_number_field<T> || is_beyond_toml(part)) part = '"' + part + '"';
    }
    const std::string joined = join_text(texts, ", ");
    const bool list = is_list_field<T> && texts.size() != 1;
    text += std::string(field.name) + " = " + (list ? "[" + joined + "]" : joined) + "  # " +
            std::string(field.help) + "\n";
  });
  return text;
}

Config config_from_toml(std::string_view text, const std::string& name) {
  std::map<std::string, std::vector<std::string>, std::less<>> texts;
  for (const ConfigEntry& entry : parse_config_file(text, name)) {
    for (const ConfigValue& value : entry.values) texts[entry.name].push_back(value.text);
    texts[entry.name];  // there, even if it is an empty list
  }
  Config config;
  visit_fields(config, [&]<class T>(const FieldInfo& field, T& value) {
    const auto entry = texts.find(field.name);
    if (entry == texts.end()) return;
    parse_field(field.name, entry->second, value);
    texts.erase(entry);
  });
  if (texts.empty()) return config;
  throw UsageError(name + ": this version has no option '" + texts.begin()->first + "'");
}

nlohmann::ordered_json config_to_json(const Config& config) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  visit_fields(config, [&]<class T>(const FieldInfo& field, const T& value) {
    json[std::string(field.name)] = field_json(value);
  });
  return json;
}

}  // namespace polyak
