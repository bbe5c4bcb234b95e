// The best trials again: with fresh seeds, judged from other start states than those that chose
// them. The best of many scores is too good by as much as luck had a part in it; these are not.
#pragma once

#include <optional>

#include "polyak/policy.hpp"
#include "search/search_run.hpp"

namespace polyak {

/// Trains the best trials again, or the schedules of a population's best members, to their end, and
/// puts what came out into the results; nothing if it was stopped. The policy is that of the best
/// agent of the trial that is best then; with no confirmation asked for, none.
struct Confirmed {
  std::optional<Policy> policy;
};
std::optional<Confirmed> confirm(SearchRun& run);

/// The trial that a search is about in the end: the best confirmed one, or without confirmations
/// the best one; nothing if all have failed.
std::optional<int> best_trial(const SearchResults& results);

}  // namespace polyak
