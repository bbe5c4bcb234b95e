#pragma once

// The fused engine's kernel: whole iterations of an agent in one cluster of blocks, the networks in
// shared memory where they fit (fused/plan.hpp).
//
//   grid (agents * cluster_blocks), a cluster or a single block per agent; see training.hpp for the
//   arrays, agent_training.cuh for the algorithm and for who computes what.
//
// Bound by the latency of some 25 dependent steps per update for one agent, by arithmetic for a
// population, and by reading weights from the L2 cache where they do not fit shared memory.

#include "kernels/fused/agent_training.cuh"
#include "kernels/fused/shape.cuh"

namespace polyak::kernels::fused {

template <Environment E>
__device__ POLYAK_INLINE BlockEnvironments<E> environments_of_block(
    const Training& arguments, const typename E::Parameters& parameters,
    const BlockMemory& memory) {
  const Replays& replays = arguments.replays;
  const int blocks = arguments.plan.cluster_blocks;
  const std::int64_t share = (replays.environments + blocks - 1) / blocks;
  const std::int64_t first = memory.block * share;
  const std::int64_t end =
      first + share < replays.environments ? first + share : replays.environments;
  return {first,
          end,
          environments_of<E>(arguments.environments, replays.environments, memory.agent),
          settings_of<E>(parameters, arguments.environment.time_limit, arguments.exploration,
                         memory.agent),
          replay_of(replays, memory.agent),
          arguments.returns[memory.agent],
          replays.max_closed_rows + memory.agent};
}

/// Whole iterations of one agent, by the blocks that have it.
template <Environment E, Precision precision, class Shape>
__device__ POLYAK_INLINE void train_agent(const Training& arguments,
                                          const typename E::Parameters& parameters) {
  POLYAK_DYNAMIC_SHARED(float, shared);
  POLYAK_SHARED(AdamStep, steps, [4]);
  POLYAK_SHARED(Transfers, transfers, );
  POLYAK_SHARED(BlockEnvironments<E>, environments, );
  const Plan& plan = Shape::plan(arguments.plan);
  if constexpr (Shape::is_known) {
    BlockMemory memory;
    memory.initialise(plan, shared, arguments.scratch);
    if (threadIdx.x == 0) environments = environments_of_block<E>(arguments, parameters, memory);
    __syncthreads();
    AgentTraining<E, precision, Shape>(arguments, environments, memory, steps, &transfers).run();
  } else {
    // What is the same for all threads of the block takes no registers.
    POLYAK_SHARED(BlockMemory, memory, );
    if (threadIdx.x == 0) {
      memory.initialise(plan, shared, arguments.scratch);
      environments = environments_of_block<E>(arguments, parameters, memory);
    }
    __syncthreads();
    AgentTraining<E, precision, Shape>(arguments, environments, memory, steps, &transfers).run();
  }
}

template <Environment E, Precision precision, class Shape>
__global__ void __launch_bounds__(Shape::max_threads, 1)
    train_agents(const __grid_constant__ Training arguments,
                 const typename E::Parameters parameters) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
  // Known shapes are laid out for the shared memory and the clusters of newer devices.
  if constexpr (Shape::is_known) {
    __trap();
  } else {
    train_agent<E, precision, Shape>(arguments, parameters);
  }
#else
  train_agent<E, precision, Shape>(arguments, parameters);
#endif
}

}  // namespace polyak::kernels::fused
