// Population based training: how settings changed on the way, and who copied whom.
#pragma once

#include <string>

#include "app/report/search_data.hpp"

namespace polyak {

/// Score and each searched field over steps, of the best setting's ancestors and of all, whose
/// learning each member goes on with, and the ancestors' schedule as a table; nothing of another
/// search.
std::string lineage_section(const SearchData& data);

}  // namespace polyak
