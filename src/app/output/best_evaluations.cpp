#include "app/output/best_evaluations.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/output/format.hpp"
#include "app/output/report.hpp"
#include "app/output/training_result.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

/// "best of 20 evaluations, 16 episodes each".
std::string best_in_words(const EvaluationHistory& history) {
  return "best of " + counted(history.count(), "evaluation") + ", " +
         counted(history.newest().front().episodes, "episode") + " each";
}

std::string steps_in_words(const EvaluationRow& row) {
  return format_quantity(static_cast<double>(row.environment_steps)) + " steps";
}

/// With the digits that evaluations.csv has.
nlohmann::ordered_json as_written(float value) {
  if (std::isnan(value)) return nullptr;
  return nlohmann::ordered_json::parse(format_number(value));
}

}  // namespace

void print_best(std::ostream& out, const EvaluationHistory& history) {
  const EvaluationRow& best = history.best().front().row;
  const EvaluationRow& newest = history.newest().front();
  out << best_in_words(history) << ":\n  mean return    " << format_fixed(best.mean_return, 1)
      << " after " << steps_in_words(best);
  if (newest.environment_steps == best.environment_steps) {
    out << ", the last\n";
  } else {
    out << "; the last " << format_fixed(newest.mean_return, 1) << '\n';
  }
}

std::vector<TextColumn> best_columns(const EvaluationHistory& history) {
  TextColumn mean{"best", {}}, steps{"after steps", {}};
  for (const BestEvaluation& best : history.best()) {
    mean.cells.push_back(format_fixed(best.row.mean_return, 1));
    steps.cells.push_back(format_quantity(static_cast<double>(best.row.environment_steps)));
  }
  return {mean, steps};
}

void print_bests(std::ostream& out, const EvaluationHistory& history) {
  std::vector<double> best, newest;
  for (const BestEvaluation& agent : history.best()) best.push_back(agent.row.mean_return);
  for (const EvaluationRow& row : history.newest()) newest.push_back(row.mean_return);
  const std::size_t agent = ranked(best).front();
  out << best_in_words(history) << ": mean return " << with_error(estimate(best))
      << ", of the last ones " << with_error(estimate(newest)) << "; agent " << agent
      << " had the best, after " << steps_in_words(history.best()[agent].row) << '\n';
}

nlohmann::ordered_json best_json(const BestEvaluation& best) {
  const EvaluationRow& row = best.row;
  nlohmann::ordered_json json = {{"environment_steps", row.environment_steps},
                                 {"updates", row.updates},
                                 {"episodes", row.episodes},
                                 {"mean_return", as_written(row.mean_return)},
                                 {"standard_error", as_written(row.standard_error)},
                                 {"median", as_written(row.median_return)},
                                 {"worst", as_written(row.worst_return)}};
  if (!std::isnan(row.mean_regret)) json["regret"] = as_written(row.mean_regret);
  return json;
}

}  // namespace polyak
