#include "io/json_text.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

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

}  // namespace polyak
