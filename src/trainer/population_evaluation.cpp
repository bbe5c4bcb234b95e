#include "trainer/population_evaluation.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>

#include "trainer/trainer_access.hpp"

namespace polyak {

std::vector<AgentEvaluation> evaluate_agents(std::span<const float> returns, const Starts& starts) {
  std::vector<AgentEvaluation> agents;
  for (std::size_t begin = 0; begin < returns.size(); begin += starts.count()) {
    const std::span<const float> own = returns.subspan(begin, starts.count());
    AgentEvaluation agent{summarise_returns(own), {}};
    if (!starts.best_returns.empty()) agent.regret = estimate(regrets(own, starts.best_returns));
    agents.push_back(agent);
  }
  return agents;
}

std::vector<double> mean_returns(std::span<const float> returns, const Starts& starts) {
  std::vector<double> means;
  for (std::size_t begin = 0; begin < returns.size(); begin += starts.count()) {
    const std::span<const float> own = returns.subspan(begin, starts.count());
    means.push_back(estimate(std::vector<double>(own.begin(), own.end())).mean);
  }
  return means;
}

std::optional<std::vector<float>> PopulationEvaluator::returns(const Starts& starts,
                                                               const std::atomic<bool>* stop) {
  using Clock = std::chrono::steady_clock;
  const auto must_stop = [stop] { return stop != nullptr && *stop; };
  const std::size_t count = starts.count();
  const auto agents = static_cast<std::size_t>(trainer_.config().agents);
  const std::span<const float> states = starts.states;
  const auto state_size = static_cast<std::size_t>(starts.state_size);
  std::vector<float> all(agents * count);
  for (std::size_t begin = 0; begin < count;) {
    if (must_stop()) return {};
    // An episode's return does not depend on which others run beside it.
    const std::size_t slice =
        std::min(count - begin, static_cast<std::size_t>(pacer_.iterations()));
    const Clock::time_point start = Clock::now();
    const auto states_now = states.subspan(begin * state_size, slice * state_size);
    const auto first = static_cast<std::int64_t>(begin);
    const auto some = non_finite_ == NonFiniteReturns::refused
                          ? trainer_.evaluate(states_now, 0, first)
                          : TrainerAccess::backend(trainer_).evaluate(states_now, {0, first});
    for (std::size_t agent = 0; agent < agents; ++agent) {
      std::copy_n(&some[agent * slice], slice, &all[agent * count + begin]);
    }
    begin += slice;
    pacer_.took(static_cast<std::int64_t>(slice),
                std::chrono::duration<double>(Clock::now() - start).count());
  }
  if (must_stop()) return {};
  return all;
}

std::vector<EvaluationRow> evaluation_rows(const Trainer& trainer,
                                           std::span<const AgentEvaluation> agents) {
  std::vector<EvaluationRow> rows;
  // Sums of float32 returns: more digits than a float32's would be noise.
  const auto rounded = [](double value) { return static_cast<float>(value); };
  for (const AgentEvaluation& agent : agents) {
    const ReturnStatistics& returns = agent.returns;
    rows.push_back(
        {static_cast<int>(rows.size()), trainer.environment_steps(), trainer.updates(),
         rounded(trainer.training_seconds()), returns.episodes, rounded(returns.mean),
         rounded(returns.standard_error), rounded(returns.median), rounded(returns.worst),
         agent.regret ? rounded(agent.regret->mean) : std::numeric_limits<float>::quiet_NaN()});
  }
  return rows;
}

}  // namespace polyak
