// Exploration noise on normalised actions in [-1, 1], shared by CPU and GPU.
#pragma once

#include <cmath>
#include <cstdint>

#include "polyak/core/random.hpp"

namespace polyak {

enum class Exploration : int { gaussian, ornstein_uhlenbeck };

/// Exploration of one action dimension at one step. Scales are in units of half the action range.
struct ExplorationParameters {
  Exploration kind;
  float scale;  // sigma
  float theta;  // Ornstein-Uhlenbeck: pull towards zero, per unit of time
  float dt;     // Ornstein-Uhlenbeck: time per environment step
};

/// One agent's exploration over its environments and over time.
struct ExplorationPlan {
  ExplorationParameters first;  // of the first environment in the first vector step
  float scale_per_environment;  // by so much sigma grows from environment to environment
  float final_scale;            // sigma goes there in a straight line, within
  std::int64_t decay_steps;     // so many vector steps; 0: it stays what it is
  bool environment_units;       // sigma is in the environment's units, not in half action ranges
  bool keeps_noise;             // the Ornstein-Uhlenbeck state outlives its episode
};

/// Sigma of an environment after so many vector steps.
POLYAK_HOST_DEVICE float noise_scale(const ExplorationPlan& plan, std::int64_t environment,
                                     std::int64_t vector_step) {
  const float scale =
      plan.first.scale + plan.scale_per_environment * static_cast<float>(environment);
  if (plan.decay_steps == 0) return scale;
  if (vector_step >= plan.decay_steps) return plan.final_scale;
  const double progress = static_cast<double>(vector_step) / static_cast<double>(plan.decay_steps);
  return scale + (plan.final_scale - scale) * static_cast<float>(progress);
}

/// Clips to the normalised action range; NaN stays NaN, so that it is detected and not hidden.
POLYAK_HOST_DEVICE float clip_action(float action) {
  return action < -1.0f ? -1.0f : action > 1.0f ? 1.0f : action;
}

/// The explored action for the deterministic `action`, given one standard normal value.
/// `noise` is the Ornstein-Uhlenbeck state of this environment and dimension (Uhlenbeck & Ornstein
/// 1930; Lillicrap et al. 2015, section 7); Gaussian exploration leaves it alone.
POLYAK_HOST_DEVICE float explore(const ExplorationParameters& parameters, float action,
                                 float normal, float& noise) {
  if (parameters.kind == Exploration::gaussian) {
    return clip_action(action + parameters.scale * normal);
  }
  noise +=
      -parameters.theta * noise * parameters.dt + parameters.scale * sqrtf(parameters.dt) * normal;
  return clip_action(action + noise);
}

}  // namespace polyak
