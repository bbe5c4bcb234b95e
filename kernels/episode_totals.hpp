// What the finished episodes of every agent add up to.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "polyak/environment/stream.hpp"

namespace polyak::kernels {

/// Sums the totals of each agent's streams in a fixed order, with the earliest step whose return
/// was not finite, then sets those of the streams to zero.
struct GatherEpisodeTotals {
  int agents;
  std::int64_t streams;
  EpisodeTotals* stream_totals;  // [agents, streams]
  EpisodeTotals* agent_totals;   // [agents]
};
cudaError_t launch_gather_episode_totals(const GatherEpisodeTotals& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
