// Whole noise-free episodes on the GPU.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "backend/backend.hpp"
#include "backend/cuda/device/stream.hpp"
#include "kernels/observation_statistics.hpp"

namespace polyak::cuda {

/// Which episodes to run. The spans and pointers must live until the call returns.
struct EpisodeRequest {
  std::string_view environment;
  std::span<const float> parameters;  // of the environment
  int time_limit;
  const NetworkLayout& layout;  // of the actors
  int agents;
  const float* actors;  // [agents, layout.stride], on the device
  kernels::Normalisers normalisers;
  PerAgent<float> reward_scale;   // of the rewards that a recurrent actor sees
  std::span<const float> starts;  // [count, state_size], the same for every agent
  EpisodeRandom random = {};
};

/// Undiscounted returns [agents, count]. Waits for the device.
std::vector<float> episode_returns(const EpisodeRequest& request, const Stream& stream);

/// Everything that happens in the episodes of the only agent. Waits for the device.
Trajectories episode_trajectories(const EpisodeRequest& request, const Stream& stream);

}  // namespace polyak::cuda
