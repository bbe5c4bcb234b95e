// Independent environment steps.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/environments.hpp"

namespace polyak::kernels {

/// One step from each state with each action.
struct SingleSteps {
  EnvironmentChoice environment;  // its time limit is not looked at
  std::int64_t count;
  const float* states;       // [count, state_size]
  const float* actions;      // [count, action_size], in environment units
  float* next_states;        // [count, state_size]
  float* rewards;            // [count]
  std::uint8_t* terminated;  // [count]
  float* observations;       // [count, observation_size], of the next states
  std::uint64_t seed = 0;    // of the random numbers that stochastic steps take
};
cudaError_t launch_single_steps(const SingleSteps& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
