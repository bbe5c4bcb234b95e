// What the tests of the fused engine's plans and trainings share.
#pragma once

#include <algorithm>

#include "backend/cuda/fused/fused_plan.hpp"

namespace polyak::cuda {

/// Of an H100, and of a device before it.
inline constexpr FusedLimits hopper{226 * 1024, 16};
inline constexpr FusedLimits no_clusters{99 * 1024 - 1024, 1};

/// Two layers of `width` in each network.
inline Config config_of(int width, int batch) {
  Config config;
  config.actor_hidden = config.critic_hidden = {width, width};
  config.batch_size = batch;
  config.learning_starts = std::max(batch, 1000);
  return config;
}

}  // namespace polyak::cuda
