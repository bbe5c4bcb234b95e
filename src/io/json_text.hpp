// JSON as the program writes it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace polyak {

/// Indented by so many spaces, -1: all in one line; with a newline at the end. JSON has no NaN and
/// no infinity: RunError that names the place if there is one, for a null in its stead would say
/// that there was no value.
std::string json_text(const nlohmann::ordered_json& json, int indentation = 2);

/// A number, or null where it is NaN because there is none to tell.
nlohmann::ordered_json number_or_null(double value);

/// {field: value} of settings as tables have them: numbers and truths as such, lists and words as
/// strings; without those that are empty. fields, values: of one length.
nlohmann::ordered_json settings_json(const std::vector<std::string>& fields,
                                     const std::vector<std::string>& values);

}  // namespace polyak
