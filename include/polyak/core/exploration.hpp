// Exploration noise on normalised actions in [-1, 1], shared by CPU and GPU.
#pragma once

#include <cmath>

#include "polyak/core/random.hpp"

namespace polyak {

enum class Exploration : int { gaussian, ornstein_uhlenbeck };

/// One agent's exploration. Scales are in units of half the action range.
struct ExplorationParameters {
  Exploration kind;
  float scale;  // sigma
  float theta;  // Ornstein-Uhlenbeck: pull towards zero, per unit of time
  float dt;     // Ornstein-Uhlenbeck: time per environment step
};

/// Clips to the normalised action range; NaN stays NaN, so that it is detected and not hidden.
POLYAK_HOST_DEVICE float clip_action(float action) {
  return action < -1.0f ? -1.0f : action > 1.0f ? 1.0f : action;
}

/// The explored action for the deterministic `action`, given one standard normal value.
/// `noise` is the Ornstein-Uhlenbeck state of this stream and dimension (Uhlenbeck & Ornstein 1930;
/// Lillicrap et al. 2015, section 7); Gaussian exploration leaves it alone.
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
