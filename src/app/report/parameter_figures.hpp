// Scores against each searched field.
#pragma once

#include <string>

#include "app/report/search_data.hpp"

namespace polyak {

/// A small chart for each field, the one with the strongest rank correlation first: a dot for each
/// trial at each rung that it reached, and what is typical at the lowest rung and at the highest
/// that has enough trials.
std::string parameter_figures(const SearchData& data);

}  // namespace polyak
