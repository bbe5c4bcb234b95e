#include "backend/cpu/agent_report.hpp"

#include <limits>

#include "polyak/core/summation.hpp"

namespace polyak::cpu {
namespace {

double mean(double sum, std::int64_t count) {
  return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

EpisodeTotals take_totals(std::span<EpisodeTotals> environments) {
  EpisodeTotals sum{};
  sum.return_sum =
      double_sum_over_rows({static_cast<int>(environments.size())}, [&](int environment) {
        return environments[static_cast<std::size_t>(environment)].return_sum;
      });
  for (EpisodeTotals& totals : environments) {
    sum.episodes += totals.episodes;
    sum.steps += totals.steps;
    sum.saturated_actions += totals.saturated_actions;
    const std::int64_t bad = totals.non_finite_step, first = sum.non_finite_step;
    if (bad != 0 && (first == 0 || bad < first)) sum.non_finite_step = bad;
    totals = {};
  }
  return sum;
}

AgentMetrics make_metrics(const EpisodeTotals& episodes, const UpdateTotals& updates,
                          std::int64_t policy_actions) {
  AgentMetrics metrics;
  metrics.episodes = episodes.episodes;
  metrics.mean_return = mean(episodes.return_sum, episodes.episodes);
  metrics.mean_episode_length = mean(static_cast<double>(episodes.steps), episodes.episodes);
  metrics.updates = updates.updates;
  metrics.critic_loss = mean(updates.critic_loss_sum, updates.updates);
  metrics.actor_updates = updates.actor_updates;
  metrics.actor_loss = mean(updates.actor_loss_sum, updates.actor_updates);
  metrics.mean_q = mean(updates.mean_q_sum, updates.updates);
  metrics.critic_gradient_norm = mean(updates.critic_gradient_norm_sum, updates.updates);
  metrics.actor_gradient_norm = mean(updates.actor_gradient_norm_sum, updates.actor_updates);
  metrics.policy_actions = policy_actions;
  metrics.saturated_share = mean(static_cast<double>(episodes.saturated_actions), policy_actions);
  return metrics;
}

}  // namespace polyak::cpu
