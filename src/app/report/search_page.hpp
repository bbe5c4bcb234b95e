// A search as one page of HTML that needs nothing else.
#pragma once

#include <string>

#include "search/search_record.hpp"

namespace polyak {

/// record: with at least one trial.
std::string search_page(const SearchRecord& record);

}  // namespace polyak
