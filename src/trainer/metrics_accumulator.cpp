#include "trainer/metrics_accumulator.hpp"

#include <limits>
#include <utility>

namespace polyak {
namespace {

AgentMetrics nothing_yet() {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  return {0, nan, nan, 0, 0, nan, nan, std::nullopt};
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
    sum.mean_return = weighted_mean(sum.mean_return, sum.episodes, part.mean_return, part.episodes);
    sum.mean_episode_length = weighted_mean(sum.mean_episode_length, sum.episodes,
                                            part.mean_episode_length, part.episodes);
    sum.critic_loss = weighted_mean(sum.critic_loss, sum.updates, part.critic_loss, part.updates);
    sum.actor_loss =
        weighted_mean(sum.actor_loss, sum.actor_updates, part.actor_loss, part.actor_updates);
    sum.episodes += part.episodes;
    sum.updates += part.updates;
    sum.actor_updates += part.actor_updates;
    if (!sum.non_finite) sum.non_finite = part.non_finite;
  }
}

std::vector<AgentMetrics> MetricsAccumulator::take() {
  return std::exchange(agents_, std::vector<AgentMetrics>(agents_.size(), nothing_yet()));
}

}  // namespace polyak
