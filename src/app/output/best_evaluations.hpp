// The best of a training's evaluations, beside the newest from the same start states.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <vector>

#include "app/output/population_table.hpp"
#include "trainer/evaluation_history.hpp"

namespace polyak {

/// The only agent's. history: at least one evaluation.
void print_best(std::ostream& out, const EvaluationHistory& history);

/// Every agent's, for a table with a row for each.
std::vector<TextColumn> best_columns(const EvaluationHistory& history);

/// What the agents' best ones have in common.
void print_bests(std::ostream& out, const EvaluationHistory& history);

nlohmann::ordered_json best_json(const BestEvaluation& best);

}  // namespace polyak
