// What the critic learns towards.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/arrays.hpp"

namespace polyak::kernels {

/// Target policy smoothing (Fujimoto et al. 2018, arXiv 1802.09477; polyak/core/losses.hpp):
/// clipped noise on the target actors' actions, in place. Row i of update t has the random numbers
/// (seed, i, t, Purpose::target_noise), as on the CPU.
struct SmoothActions {
  int agents, batch, action_size;
  const std::uint64_t* seed;    // [agents]
  const std::int64_t* updates;  // one number on the device: the updates made before this one
  const float* noise;           // sigma: [agents]; an agent with 0 keeps its actions
  const float* noise_clip;      // [agents]
  StridedBatch action;          // [batch, action_size]
};
cudaError_t launch_smooth_actions(const SmoothActions& arguments, cudaStream_t stream);

/// y = r + gamma^k Q'(o', actor'(o')) for every row of every agent's batch (Lillicrap et al. 2015,
/// arXiv 1509.02971, algorithm 1), with r the return of k steps, o' the observation after them, and
/// Q' the smallest of the agent's target critics'. Where the discount is zero, as after a
/// termination, Q' is ignored, even if it is infinite.
struct TdTarget {
  int agents, batch;
  const float* reward;              // r: [agents, batch]
  const float* bootstrap_discount;  // gamma^k or 0: [agents, batch]
  const float* next_value;          // Q': [agents, critics, batch]
  float* target;                    // y: [agents, batch]
  int critics = 1;                  // of an agent
  // [agents, batch]: the row whose next_value is bootstrapped from; null: the row itself.
  const std::int32_t* bootstrap_row = nullptr;
};
cudaError_t launch_td_target(const TdTarget& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
