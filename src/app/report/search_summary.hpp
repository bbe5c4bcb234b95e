// What a search came to: its result in words, and its best settings against their confirmation.
#pragma once

#include <string>

#include "app/report/search_data.hpp"

namespace polyak {

/// Trials, scheduler, seeds, environment and steps, in a sentence.
std::string describe_search(const SearchData& data);

/// The result in large numbers, in words, and as the command that trains the best setting.
std::string search_result(const SearchData& data);

/// The best settings trained again: a table, and each score in the search beside its confirmation.
/// Nothing while there is no confirmation.
std::string confirmed_settings(const SearchData& data);

}  // namespace polyak
