// What a search says on the terminal while it goes on.
#pragma once

#include <string>
#include <vector>

#include "search/search_run.hpp"

namespace polyak {

/// The parts of the progress line, the most important first: "rung 2 of 3 (40%, 0:12 left)",
/// "21 candidates", "best -148.2 (standard error 3.1)", "12.3 agents/s".
std::vector<std::string> search_progress_parts(const SearchProgress& progress);

}  // namespace polyak
