// Layer normalisation (Ba et al. 2016, arXiv 1607.06450), shared by CPU and GPU.
//
// For one input of a network, over the n features x of a layer:
//   normalised = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon);  y = g * normalised + h.
// Backwards, with d = g * dL/dy:
//   dL/dx = (d - mean(d) - normalised * mean(d * normalised)) / sqrt(...);
//   dL/dg = sum over inputs of dL/dy * normalised;  dL/dh = sum over inputs of dL/dy.
#pragma once

#include <cmath>

#include "polyak/core/host_device.hpp"

namespace polyak {

inline constexpr float layer_norm_epsilon = 1e-5f;  // PyTorch's

/// 1 / sqrt(variance + epsilon).
POLYAK_HOST_DEVICE float inverse_deviation(float variance) {
  return 1.0f / sqrtf(variance + layer_norm_epsilon);
}

}  // namespace polyak
