// How a training is laid out for the fused engine on a device.
#pragma once

#include "agent/agent.hpp"
#include "backend/cuda/runtime_compilation/kernel_source.hpp"
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

/// What a kernel for this layout alone would be compiled for.
KernelShape kernel_shape(const Config& config, int cluster_blocks, const FusedLimits& limits);

}  // namespace polyak::cuda
