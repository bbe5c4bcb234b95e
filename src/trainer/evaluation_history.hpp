// What a training's evaluations have shown so far: the best policies, and whether it may end.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "io/evaluations_table.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// The best of an agent's evaluations, by mean return; of equal ones the earliest.
struct BestEvaluation {
  EvaluationRow row;
  float lowest_regret = std::numeric_limits<float>::infinity();  // NaN is none
  std::int64_t evaluations_since = 0;                            // without a better one
};

/// When a training may end before total_steps. An agent has met them for good when one of its
/// evaluations had at least this mean return, or at most this mean regret: its best policy is kept.
/// It also meets them while `patience` evaluations in a row have not been better than its best.
struct StoppingRules {
  std::optional<double> at_return, at_regret;
  std::int64_t patience = 0;  // 0: for ever

  bool has_any() const { return at_return || at_regret || patience > 0; }
};

/// A function of the rows that evaluations.csv has, in their order, and of nothing else. Whoever
/// resumes a training needs nothing of it in a checkpoint: add the file's rows again, up to the
/// checkpoint's steps.
class EvaluationHistory {
 public:
  /// One evaluation of every agent, in their order. The agents whose best one it is.
  std::vector<int> add(std::span<const EvaluationRow> rows);

  std::int64_t count() const { return count_; }
  /// The newest evaluation, a row per agent; empty before the first.
  const std::vector<EvaluationRow>& newest() const { return newest_; }
  /// Per agent; empty before the first evaluation.
  const std::vector<BestEvaluation>& best() const { return best_; }

  /// Why the training may end now: goal_reached if every agent has reached a goal, no_improvement
  /// if every agent meets the rules and one of them by patience alone; nothing if it must go on.
  std::optional<StopReason> reason_to_stop(const StoppingRules& rules) const;

 private:
  std::int64_t count_ = 0;
  std::vector<EvaluationRow> newest_;
  std::vector<BestEvaluation> best_;
};

}  // namespace polyak
