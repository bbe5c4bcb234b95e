// What the critic learns towards.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/arrays.hpp"

namespace polyak::kernels {

/// Target policy smoothing (Fujimoto et al. 2018, arXiv 1802.09477; polyak/core/target_noise.hpp):
/// clipped noise on the target actors' actions, in place. Row i of update t has the random numbers
/// (seed, i, t, Purpose::target_noise), as on the CPU.
struct SmoothActions {
  int agents, batch, action_size;
  const std::uint64_t* seed;    // [agents]
  const std::int64_t* updates;  // one number on the device: the updates made before this one
  const float* noise;           // sigma: [agents]; an agent with 0 keeps its actions
  const float* noise_clip;      // [agents]
  Matrices action;              // [batch, action_size]
};
cudaError_t launch_smooth_actions(const SmoothActions& arguments, cudaStream_t stream);

/// y = r + discount (1 - terminated) Q'(s', actor'(s')) for every row of every agent's batch
/// (Lillicrap et al. 2015, arXiv 1509.02971, algorithm 1), Q' being the smallest of the agent's
/// target critics'. After a termination Q' has no say, not even if it is infinite.
struct TdTarget {
  int agents, batch;
  const float* reward;             // r: [agents, batch]
  const std::uint8_t* terminated;  // [agents, batch]: 1 if the episode ended for good, else 0
  const float* next_value;         // Q': [agents, critics, batch]
  const float* discount;           // [agents]
  float* target;                   // y: [agents, batch]
  int critics = 1;                 // of an agent
};
cudaError_t launch_td_target(const TdTarget& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
