// Which engine, and with how many blocks for an agent, is expected to be faster.
#pragma once

#include "agent/agent.hpp"
#include "backend/cuda/fused/fused_plan.hpp"
#include "polyak/config.hpp"

namespace polyak::cuda {

/// How many kernels the layered engine launches in an iteration of one vector step and one update,
/// where no option takes further ones.
int layered_kernels(const NetworkLayout& actor, const NetworkLayout& critic);

/// What the choice knows of a device.
struct DeviceSize {
  int multiprocessors;
  FusedLimits fused;
  bool compiles_kernels = false;  // of the fused engine, for one shape alone, when it runs
};

/// Clocks of one multiprocessor, for one iteration of every agent divided by its updates.
struct EngineClocks {
  double layered, fused;
};

/// With as many blocks for each agent as choose_cluster_blocks gives it.
EngineClocks predicted_clocks(const Config& config, const DeviceSize& device);

/// How many blocks an agent should get in the fused engine: a power of two, no more than have rows
/// of the batch to work on. Results do not depend on it.
int choose_cluster_blocks(const Config& config, const DeviceSize& device);

/// Whether a training on a device that compiles kernels is expected to be shorter, compilation
/// included, than on one that does not.
bool is_worth_compiling(const Config& config, const DeviceSize& device);

/// Whether the fused engine is expected to be faster than the layered one. Where their bits differ,
/// in other precisions than fp32, it never depends on the number of agents, because an agent's
/// results may not.
bool prefers_fused_engine(const Config& config, const DeviceSize& device);

}  // namespace polyak::cuda
