// The rungs of a search: who came how far, and what early scores foretell.
#pragma once

#include <string>

#include "app/report/search_data.hpp"

namespace polyak {

/// The scores at every rung with their quartiles and the lowest one that was kept, the same as a
/// table, and how well the order at a rung agrees with that at the last one. Nothing of a search
/// with one rung.
std::string rungs_section(const SearchData& data);

}  // namespace polyak
