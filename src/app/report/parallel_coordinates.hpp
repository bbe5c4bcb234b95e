// All trials of a search at once.
#pragma once

#include <string>

#include "app/report/search_data.hpp"

namespace polyak {

/// A line for each trial over an axis for each searched field and one for the score; nothing where
/// no trial has a score.
std::string parallel_coordinates(const SearchData& data);

}  // namespace polyak
