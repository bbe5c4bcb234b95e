#include "io/config_text.hpp"

#include <nlohmann/json.hpp>

#include "io/text_value.hpp"

namespace polyak {
namespace {

template <class T>
inline constexpr bool is_number_field = std::is_arithmetic_v<T>;
template <class T>
inline constexpr bool is_number_field<std::vector<T>> = std::is_arithmetic_v<T>;
template <class T>
inline constexpr bool is_number_field<PerAgent<T>> = std::is_arithmetic_v<T>;

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
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(to_string(value));
  } else if constexpr (std::is_arithmetic_v<T>) {
    return number_json(value);
  } else {
    return value;
  }
}

}  // namespace

std::string config_to_toml(const Config& config) {
  std::string text = "# A training of polyak; repeat it with: polyak train --config THIS_FILE\n";
  std::string_view group;
  visit_fields(config, [&]<class T>(const FieldInfo& field, const T& value) {
    if (field.group != group) {
      group = field.group;
      text += "\n# " + std::string(group) + "\n";
    }
    std::vector<std::string> texts = field_texts(value);
    if (!is_number_field<T>) {
      for (std::string& part : texts) part = '"' + part + '"';
    }
    const std::string joined = join_text(texts, ", ");
    const bool list = is_list_field<T> && texts.size() != 1;
    text += std::string(field.name) + " = " + (list ? "[" + joined + "]" : joined) + "  # " +
            std::string(field.help) + "\n";
  });
  return text;
}

nlohmann::ordered_json config_to_json(const Config& config) {
  nlohmann::ordered_json json;
  visit_fields(config, [&]<class T>(const FieldInfo& field, const T& value) {
    json[std::string(field.name)] = field_json(value);
  });
  return json;
}

}  // namespace polyak
