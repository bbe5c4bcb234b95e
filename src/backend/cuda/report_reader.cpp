#include "backend/cuda/report_reader.hpp"

#include <limits>

#include "backend/cuda/device/check.hpp"
#include "backend/first_failure.hpp"
#include "config/derived.hpp"
#include "kernels/episode_totals.hpp"
#include "kernels/finite_check.hpp"

namespace polyak::cuda {
namespace {

double mean(double sum, std::int64_t count) {
  return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

AgentMetrics make_metrics(const EpisodeTotals& episodes, const kernels::UpdateTotals& updates,
                          std::int64_t policy_actions) {
  AgentMetrics metrics;
  metrics.episodes = episodes.episodes;
  metrics.mean_return = mean(episodes.return_sum, episodes.episodes);
  metrics.mean_episode_length = mean(static_cast<double>(episodes.steps), episodes.episodes);
  metrics.updates = updates.critic_updates;
  metrics.actor_updates = updates.actor_updates;
  metrics.critic_loss = mean(updates.critic_loss_sum, updates.critic_updates);
  metrics.actor_loss = mean(updates.actor_loss_sum, updates.actor_updates);
  metrics.mean_q = mean(updates.mean_q_sum, updates.critic_updates);
  metrics.critic_gradient_norm = mean(updates.critic_gradient_norm_sum, updates.critic_updates);
  metrics.actor_gradient_norm = mean(updates.actor_gradient_norm_sum, updates.actor_updates);
  metrics.policy_actions = policy_actions;
  metrics.saturated_share = mean(static_cast<double>(episodes.saturated_actions), policy_actions);
  return metrics;
}

std::optional<NonFinite> bad_loss(const kernels::UpdateTotals& updates) {
  if (updates.non_finite_quantity == kernels::LossQuantity::none) return {};
  return NonFinite{static_cast<Quantity>(updates.non_finite_quantity), updates.non_finite_update};
}

template <class T>
std::span<T> span_of(const PinnedBuffer<T>& buffer) {
  return {buffer.data(), static_cast<std::size_t>(buffer.size())};
}

}  // namespace

ReportReader::ReportReader(const Config& config)
    : agents_(config.agents),
      derived_(derive(config)),
      update_totals_(agents_, "reports"),
      episode_totals_(agents_, "reports"),
      bad_parameters_(agents_, "reports"),
      updates_(1, "reports") {}

void ReportReader::look_for_bad_parameters(const TrainingBuffers& training,
                                           const Stream& stream) const {
  zero(training.bad_parameters, stream);
  for (const NetworkBuffers* const networks : {&training.actor, &training.critic}) {
    check(kernels::launch_find_non_finite({.agents = agents_,
                                           .count = networks->layout.stride,
                                           .values = networks->parameters.data(),
                                           .found = training.bad_parameters.data()},
                                          stream.get()),
          "launch_find_non_finite");
  }
}

std::vector<AgentMetrics> ReportReader::read(const TrainingBuffers& training,
                                             std::int64_t policy_actions,
                                             const Stream& stream) const {
  check(kernels::launch_gather_episode_totals(
            {.agents = agents_,
             .environments = training.replay.environments,
             .environment_totals = training.environments.totals.data(),
             .agent_totals = training.episode_totals.data()},
            stream.get()),
        "launch_gather_episode_totals");
  look_for_bad_parameters(training, stream);
  download(span_of(episode_totals_), training.episode_totals, stream);
  download(span_of(bad_parameters_), training.bad_parameters, stream);
  download(span_of(updates_), training.updates, stream);
  download(span_of(update_totals_), training.update_totals, stream);
  zero(training.update_totals, stream);
  stream.synchronize();
  std::vector<AgentMetrics> metrics;
  for (int agent = 0; agent < agents_; ++agent) {
    const EpisodeTotals& episodes = episode_totals_[agent];
    const kernels::UpdateTotals& updates = update_totals_[agent];
    metrics.push_back(make_metrics(episodes, updates, policy_actions));
    metrics.back().non_finite = first_failure(
        {episodes, bad_loss(updates), bad_parameters_[agent] == 0, updates_[0]}, derived_);
  }
  return metrics;
}

}  // namespace polyak::cuda
