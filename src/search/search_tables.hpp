// The tables that a search leaves for people and programs.
#pragma once

#include <string>

#include "search/search_plan.hpp"
#include "search/search_results.hpp"

namespace polyak {

/// trials.csv: trial,status,rung,environment_steps,updates,seeds,score,standard_error,worst,FIELD..
/// with a row for each trial; rung, steps, updates and score are those of the last rung that it has
/// reached, empty before the first.
std::string trials_table(const SearchPlan& plan, const SearchResults& results);

/// rungs.csv: rung,environment_steps,trial,score,standard_error,worst,kept with a row for each
/// trial at each rung; kept is 1 or 0, empty as long as nobody knows.
std::string rungs_table(const SearchPlan& plan, const SearchResults& results);

/// confirmations.csv: rank,trial,search_score,search_standard_error,again_score,
/// again_standard_error,seeds,score,standard_error,worst,regret,regret_standard_error,FIELD..
/// ordered by the confirmed score; again_score is that of the fresh seeds from the start states of
/// the search.
std::string confirmations_table(const SearchPlan& plan, const SearchResults& results);

/// generations.csv: generation,environment_steps,member,score,copied_from,FIELD.. with a row for
/// each member before each selection, with the values that it came to its score with; copied_from
/// is whose networks it has behind it, empty if its own.
std::string generations_table(const SearchPlan& plan, const SearchResults& results);

/// The confirmations from the best confirmed score to the worst.
std::vector<Confirmation> ranked_confirmations(const SearchResults& results);

}  // namespace polyak
