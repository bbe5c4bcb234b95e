#include "io/json_text.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

void require_numbers(const nlohmann::ordered_json& json, const std::string& place) {
  if (json.is_number_float() && !std::isfinite(json.get<double>())) {
    throw RunError("the value of '" + place + "' is NaN or infinite, which JSON cannot hold");
  }
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items()) {
    require_numbers(value, place.empty() ? key : place + "/" + key);
  }
}

}  // namespace

std::string json_text(const nlohmann::ordered_json& json, int indentation) {
  require_numbers(json, "");
  // Names of files need not be UTF-8; JSON is.
  return json.dump(indentation, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

nlohmann::ordered_json number_or_null(double value) {
  if (std::isnan(value)) return nullptr;
  return value;
}

nlohmann::ordered_json settings_json(const std::vector<std::string>& fields,
                                     const std::vector<std::string>& values) {
  auto settings = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string& text = values[i];
    if (text.empty()) continue;
    nlohmann::ordered_json& value = settings[fields[i]];
    if (text == "true" || text == "false") {
      value = text == "true";
    } else if (const auto whole = parse_number<std::int64_t>(text)) {
      value = *whole;
    } else if (const auto number = parse_number<double>(text); number && std::isfinite(*number)) {
      value = *number;
    } else {
      value = text;
    }
  }
  return settings;
}

}  // namespace polyak
