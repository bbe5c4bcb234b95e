// The small trainings that the trainer's tests run, and what they ask of policies.
#pragma once

#include <algorithm>
#include <cmath>

#include "polyak/config.hpp"
#include "polyak/policy.hpp"

namespace polyak::test {

/// Two agents, 600 steps.
inline Config trainer_config() {
  Config config;
  config.agents = 2;
  config.environments = 2;
  config.total_steps = 600;
  config.warmup_steps = 50;
  config.learning_starts = 64;
  config.batch_size = 16;
  config.update_to_data = 0.5;
  config.actor_hidden = {8};
  config.critic_hidden = {8};
  config.device = DeviceKind::cpu;
  config.threads = 1;
  return config;
}

inline bool is_finite(const Policy& policy) {
  return std::all_of(policy.layers.begin(), policy.layers.end(), [](const PolicyLayer& layer) {
    const auto finite = [](float value) { return std::isfinite(value); };
    return std::all_of(layer.weight.begin(), layer.weight.end(), finite) &&
           std::all_of(layer.bias.begin(), layer.bias.end(), finite);
  });
}

}  // namespace polyak::test
