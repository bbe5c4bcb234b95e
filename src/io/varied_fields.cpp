#include "io/varied_fields.hpp"

#include <algorithm>

#include "config/fields.hpp"
#include "io/text_value.hpp"

namespace polyak {

std::vector<VariedField> varied_fields(const Config& config) {
  std::vector<VariedField> varied;
  visit_fields(config, [&]<class T>(const FieldInfo& field, const T& value) {
    if constexpr (requires { value.values; }) {
      if (field.name == "seed") return;
      std::vector<std::string> texts;
      for (int agent = 0; agent < config.agents; ++agent) {
        texts.push_back(format_number(value[agent]));
      }
      const bool differ = std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
        return text != texts.front();
      });
      if (differ) varied.push_back({field.name, std::move(texts)});
    }
  });
  return varied;
}

std::string column_name(std::string_view field) {
  std::string name(field);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string varied_columns(std::span<const VariedField> varied) {
  std::string text;
  for (const VariedField& field : varied) text.append(",") += column_name(field.name);
  return text;
}

std::string varied_cells(std::span<const VariedField> varied, std::size_t agent) {
  std::string text;
  for (const VariedField& field : varied) text.append(",") += field.values[agent];
  return text;
}

}  // namespace polyak
