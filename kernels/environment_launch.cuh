#pragma once

// Launches of kernels that are templates over the environment and run one thread per environment.

#include "kernels/environments.hpp"
#include "kernels/launch.cuh"
#include "polyak/environment/registry.hpp"

namespace polyak::kernels {

inline constexpr int environment_threads = 128;

/// The environment's parameters as its own type.
template <Environment E>
typename E::Parameters parameters_of(const EnvironmentChoice& choice) {
  return parameters_from<E>(choice.parameters);
}

inline bool has_parameters_for(const EnvironmentChoice& choice, std::size_t count) {
  return choice.parameters.size() == count;
}

/// One thread per environment: grid (environments, agents). A population of agents with few
/// environments each gets blocks of one warp.
inline cudaLaunchConfig_t environment_launch_config(int agents, std::int64_t environments,
                                                    cudaStream_t stream) {
  const int threads = environments <= 32 ? 32 : environment_threads;
  return launch_config(dim3(grid_size(divide_up(environments, threads)), grid_size(agents)),
                       threads, stream);
}

}  // namespace polyak::kernels
