#include "backend/cuda/report_reader.hpp"

#include <limits>

#include "backend/cuda/device/check.hpp"
#include "kernels/episode_totals.hpp"

namespace polyak::cuda {
namespace {

double mean(double sum, std::int64_t count) {
  return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

AgentMetrics make_metrics(const EpisodeTotals& episodes, const kernels::UpdateTotals& updates) {
  AgentMetrics metrics;
  metrics.episodes = episodes.episodes;
  metrics.mean_return = mean(episodes.return_sum, episodes.episodes);
  metrics.mean_episode_length = mean(static_cast<double>(episodes.steps), episodes.episodes);
  metrics.updates = updates.critic_updates;
  metrics.critic_loss = mean(updates.critic_loss_sum, updates.critic_updates);
  metrics.actor_loss = mean(updates.actor_loss_sum, updates.actor_updates);
  if (updates.non_finite_quantity != kernels::LossQuantity::none) {
    metrics.non_finite = {static_cast<Quantity>(updates.non_finite_quantity),
                          updates.non_finite_update};
  }
  return metrics;
}

template <class T>
std::span<T> span_of(const PinnedBuffer<T>& buffer) {
  return {buffer.data(), static_cast<std::size_t>(buffer.size())};
}

}  // namespace

ReportReader::ReportReader(int agents)
    : agents_(agents), update_totals_(agents, "reports"), episode_totals_(agents, "reports") {}

std::vector<AgentMetrics> ReportReader::read(const TrainingBuffers& training,
                                             const Stream& stream) const {
  check(kernels::launch_gather_episode_totals({.agents = agents_,
                                               .streams = training.replay.streams,
                                               .stream_totals = training.streams.totals.data(),
                                               .agent_totals = training.episode_totals.data()},
                                              stream.get()),
        "launch_gather_episode_totals");
  download(span_of(episode_totals_), training.episode_totals, stream);
  download(span_of(update_totals_), training.update_totals, stream);
  zero(training.update_totals, stream);
  stream.synchronize();
  std::vector<AgentMetrics> metrics;
  for (int agent = 0; agent < agents_; ++agent) {
    metrics.push_back(make_metrics(episode_totals_[agent], update_totals_[agent]));
  }
  return metrics;
}

}  // namespace polyak::cuda
