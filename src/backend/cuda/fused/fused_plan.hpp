// How a training is laid out for the fused engine on a device.
#pragma once

#include "agent/agent.hpp"
#include "kernels/fused/plan.hpp"
#include "polyak/config.hpp"

namespace polyak::cuda {

/// What a device offers a block, in bytes and blocks.
struct FusedLimits {
  int shared_bytes;    // of dynamic shared memory
  int cluster_blocks;  // of a cluster; 1 where there are no clusters
};

/// The layout of one agent's training with so many blocks for each agent, a power of two
/// (kernels/fused/plan_builder.hpp).
kernels::fused::Plan make_fused_plan(const Config& config, int cluster_blocks,
                                     const FusedLimits& limits);

/// How many blocks an agent should get on a device with so many multiprocessors: as many as there
/// are for every agent of the population, but no more than have rows of the batch to work on.
/// Results do not depend on it.
int choose_cluster_blocks(const Config& config, int multiprocessors, const FusedLimits& limits);

/// Whether the fused engine is expected to be faster than the layered one. Never depends on the
/// number of agents, because their results may not.
bool prefers_fused_engine(const Config& config, const FusedLimits& limits);

}  // namespace polyak::cuda
