// A search over hyper-parameters, from its plan to its best setting.
#pragma once

#include "search/search_run.hpp"

namespace polyak {

/// RunError, with the numbers of bytes, if a population or any trial, trained or confirmed alone,
/// needs more memory than there is: what would otherwise end a search when it comes to it.
void require_room(const SearchPlan& plan);

/// Searches to the end and writes every file of it; false if it was stopped, to be gone on with.
/// `results`: none, or those that search.json has. RunError, with what was found kept, where
/// something fails; AllTrialsFailed where there is nothing to find.
bool search(const SearchPlan& plan, SearchResults& results, const SearchDirectory& directory,
            const SearchHooks& hooks);

/// The configuration with which the best trial can be trained; of a population the member's last
/// settings. Nothing if all trials have failed.
std::optional<Config> best_config(const SearchPlan& plan, const SearchResults& results);

}  // namespace polyak
