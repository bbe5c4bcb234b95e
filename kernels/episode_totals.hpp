// What the finished episodes of every agent add up to.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "polyak/environment/vector_step.hpp"

namespace polyak::kernels {

/// Sums the totals of each agent's environments in a fixed order, with the earliest step whose
/// return was not finite, then sets those of the environments to zero.
struct GatherEpisodeTotals {
  int agents;
  std::int64_t environments;
  EpisodeTotals* environment_totals;  // [agents, environments]
  EpisodeTotals* agent_totals;        // [agents]
};
cudaError_t launch_gather_episode_totals(const GatherEpisodeTotals& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
