// What `polyak watch` shows of a search.
#pragma once

#include <string>
#include <vector>

#include "app/watch/watch_view.hpp"
#include "search/search_record.hpp"

namespace polyak {

/// In a word: running, finished, interrupted where it can be resumed, or "ended early" where it has
/// left no summary.
std::string search_state(const SearchRecord& search, bool is_running);

/// Lines of the search's name and how its trials are, those that were confirmed, its rungs, and its
/// best trials.
std::vector<std::string> search_view(const SearchRecord& search, const std::string& state,
                                     const WatchPlace& place);

/// {"search", "state", "trials": {status: count}, "rungs": [{"rung", "environment_steps", "trials",
/// "kept", "best_score"}], "best": [{"trial", "status", "rung", "score", "standard_error",
/// "settings"}], "confirmed": [{"rank", "trial", "score", "standard_error", "settings"}]}.
nlohmann::ordered_json search_view_json(const SearchRecord& search, const std::string& state);

}  // namespace polyak
