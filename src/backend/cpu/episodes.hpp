// Whole noise-free episodes on the CPU: evaluation and rollout.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "backend/backend.hpp"
#include "backend/cpu/thread_pool.hpp"

namespace polyak::cpu {

/// Which episodes to run.
struct EpisodeRequest {
  std::string_view environment;
  std::span<const float> parameters;  // of the environment
  int time_limit;
  NetworkLayout layout;           // of the actors
  std::span<const float> actors;  // [agents, layout.stride]
  const ObservationNormalisers& normalisers;
  PerAgent<float> reward_scale;   // of the rewards that a recurrent actor sees
  std::span<const float> starts;  // [count, state_size]
  EpisodeRandom random = {};
};

/// Undiscounted returns: [agents, count].
std::vector<float> episode_returns(const EpisodeRequest& request, ThreadPool& pool);

/// Everything that happened, for a single actor.
Trajectories episode_trajectories(const EpisodeRequest& request, ThreadPool& pool);

}  // namespace polyak::cpu
