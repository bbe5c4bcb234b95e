#include "trainer/metrics_accumulator.hpp"

#include <limits>
#include <utility>

namespace polyak {
namespace {

AgentMetrics nothing_yet() {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  AgentMetrics nothing;
  for (double* const mean :
       {&nothing.mean_return, &nothing.mean_episode_length, &nothing.critic_loss,
        &nothing.actor_loss, &nothing.mean_q, &nothing.actor_gradient_norm,
        &nothing.critic_gradient_norm, &nothing.saturated_share}) {
    *mean = nan;
  }
  return nothing;
}

double weighted_mean(double first, std::int64_t first_count, double second,
                     std::int64_t second_count) {
  if (first_count == 0) return second;
  if (second_count == 0) return first;
  const auto count = static_cast<double>(first_count + second_count);
  return (first * static_cast<double>(first_count) + second * static_cast<double>(second_count)) /
         count;
}

}  // namespace

MetricsAccumulator::MetricsAccumulator(int agents)
    : agents_(static_cast<std::size_t>(agents), nothing_yet()) {}

void MetricsAccumulator::add(std::span<const AgentMetrics> slice) {
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    AgentMetrics& sum = agents_[i];
    const AgentMetrics& part = slice[i];
    const auto merge = [&](double AgentMetrics::*mean, std::int64_t AgentMetrics::*count) {
      sum.*mean = weighted_mean(sum.*mean, sum.*count, part.*mean, part.*count);
    };
    merge(&AgentMetrics::mean_return, &AgentMetrics::episodes);
    merge(&AgentMetrics::mean_episode_length, &AgentMetrics::episodes);
    merge(&AgentMetrics::critic_loss, &AgentMetrics::updates);
    merge(&AgentMetrics::mean_q, &AgentMetrics::updates);
    merge(&AgentMetrics::critic_gradient_norm, &AgentMetrics::updates);
    merge(&AgentMetrics::actor_loss, &AgentMetrics::actor_updates);
    merge(&AgentMetrics::actor_gradient_norm, &AgentMetrics::actor_updates);
    merge(&AgentMetrics::saturated_share, &AgentMetrics::policy_actions);
    sum.episodes += part.episodes;
    sum.updates += part.updates;
    sum.actor_updates += part.actor_updates;
    sum.policy_actions += part.policy_actions;
    if (!sum.non_finite) sum.non_finite = part.non_finite;
  }
}

void MetricsAccumulator::change_agents(std::span<const int> sources) {
  std::vector<AgentMetrics> agents;
  for (const int source : sources) agents.push_back(agents_[static_cast<std::size_t>(source)]);
  agents_ = std::move(agents);
}

std::vector<AgentMetrics> MetricsAccumulator::take() {
  return std::exchange(agents_, std::vector<AgentMetrics>(agents_.size(), nothing_yet()));
}

}  // namespace polyak
