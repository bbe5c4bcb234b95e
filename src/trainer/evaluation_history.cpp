#include "trainer/evaluation_history.hpp"

#include <algorithm>

namespace polyak {
namespace {

bool has_reached_goal(const BestEvaluation& best, const StoppingRules& rules) {
  return (rules.at_return && static_cast<double>(best.row.mean_return) >= *rules.at_return) ||
         (rules.at_regret && static_cast<double>(best.lowest_regret) <= *rules.at_regret);
}

}  // namespace

std::vector<int> EvaluationHistory::add(std::span<const EvaluationRow> rows) {
  std::vector<int> improved;
  ++count_;
  newest_.assign(rows.begin(), rows.end());
  const bool first = best_.empty();
  for (std::size_t agent = 0; agent < rows.size(); ++agent) {
    const EvaluationRow& row = rows[agent];
    if (first) best_.push_back({row});
    BestEvaluation& best = best_[agent];
    if (row.mean_regret < best.lowest_regret) best.lowest_regret = row.mean_regret;
    if (first || row.mean_return > best.row.mean_return) {
      best.row = row;
      best.evaluations_since = 0;
      improved.push_back(static_cast<int>(agent));
    } else {
      ++best.evaluations_since;
    }
  }
  return improved;
}

std::optional<StopReason> EvaluationHistory::reason_to_stop(const StoppingRules& rules) const {
  if (best_.empty()) return {};
  std::optional<StopReason> reason = StopReason::goal_reached;
  for (const BestEvaluation& best : best_) {
    if (has_reached_goal(best, rules)) continue;
    if (rules.patience == 0 || best.evaluations_since < rules.patience) return {};
    reason = StopReason::no_improvement;
  }
  return reason;
}

}  // namespace polyak
