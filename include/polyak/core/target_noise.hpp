// Target policy smoothing (Fujimoto et al. 2018, arXiv 1802.09477, section 5.3), shared by CPU and
// GPU.
#pragma once

#include "polyak/core/exploration.hpp"
#include "polyak/core/random.hpp"

namespace polyak {

/// The target actor's normalised `action` with clipped noise, given one standard normal value.
POLYAK_HOST_DEVICE float smooth_action(float action, float scale, float largest, float normal) {
  const float noise = scale * normal;
  return clip_action(action + (noise < -largest ? -largest : noise > largest ? largest : noise));
}

}  // namespace polyak
