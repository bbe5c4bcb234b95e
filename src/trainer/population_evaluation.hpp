// Judging the agents of a training without noise, on the way and at its end.
#pragma once

#include <atomic>
#include <optional>
#include <span>
#include <vector>

#include "io/evaluations_table.hpp"
#include "io/starts_file.hpp"
#include "polyak/trainer.hpp"
#include "trainer/evaluation.hpp"
#include "trainer/slice_pacer.hpp"

namespace polyak {

/// One agent's noise-free returns.
struct AgentEvaluation {
  ReturnStatistics returns;
  std::optional<Estimate> regret;  // if best returns are known
};

/// returns [agents, starts.count()].
std::vector<AgentEvaluation> evaluate_agents(std::span<const float> returns, const Starts& starts);

/// Each agent's mean over the start states, of returns [agents, starts.count()].
std::vector<double> mean_returns(std::span<const float> returns, const Starts& starts);

/// What becomes of a return that is NaN or infinite: a RunError, or nothing.
enum class NonFiniteReturns { refused, kept };

/// Evaluates in slices, so that a wish to stop need not wait.
class PopulationEvaluator {
 public:
  /// The trainer must live as long.
  explicit PopulationEvaluator(Trainer& trainer,
                               NonFiniteReturns non_finite = NonFiniteReturns::refused)
      : trainer_(trainer), non_finite_(non_finite) {}

  /// Every agent's returns [agents, starts.count()] with the policies of this moment; nothing if
  /// `stop` was set meanwhile (nullptr: it never is).
  std::optional<std::vector<float>> returns(const Starts& starts, const std::atomic<bool>* stop);

 private:
  Trainer& trainer_;
  NonFiniteReturns non_finite_;
  SlicePacer pacer_;  // in start states; knows from the last evaluation how many fit
};

/// The rows of evaluations.csv that say this of the trainer's agents at this moment.
std::vector<EvaluationRow> evaluation_rows(const Trainer& trainer,
                                           std::span<const AgentEvaluation> agents);

}  // namespace polyak
