#pragma once

// Launches of kernels that are templates over the environment and run one thread per stream.

#include "kernels/launch.cuh"
#include "kernels/streams.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::kernels {

inline constexpr int stream_threads = 128;

/// The environment's parameters as its own type.
template <Environment E>
typename E::Parameters parameters_of(const EnvironmentChoice& choice) {
  return parameters_from<E>(choice.parameters);
}

inline bool has_parameters_for(const EnvironmentChoice& choice, std::size_t count) {
  return choice.parameters.size() == count;
}

/// One thread per stream: grid (streams, agents). A population of agents with few streams each gets
/// blocks of one warp.
inline cudaLaunchConfig_t stream_launch_config(int agents, std::int64_t streams,
                                               cudaStream_t stream) {
  const int threads = streams <= 32 ? 32 : stream_threads;
  return launch_config(dim3(grid_size(divide_up(streams, threads)), grid_size(agents)), threads,
                       stream);
}

}  // namespace polyak::kernels
