// Running mean and variance of observations, and the normalisation by them; shared by CPU and GPU.
#pragma once

#include <cmath>

#include "polyak/core/host_device.hpp"

namespace polyak {

/// One feature's mean and sum of squared deviations from it.
struct Moments {
  double mean;
  double squares;
};

/// The moments of two sets of values together (Chan, Golub & LeVeque 1979, equation 2.1). The
/// counts are those of the sets; not both may be zero.
POLYAK_HOST_DEVICE Moments merge_moments(double first_count, const Moments& first,
                                         double second_count, const Moments& second) {
  const double count = first_count + second_count;
  const double distance = second.mean - first.mean;
  return {first.mean + distance * (second_count / count),
          first.squares + second.squares +
              distance * distance * (first_count * (second_count / count))};
}

/// 1 / sqrt(variance + 1e-8); 1 before there is any observation. The constant is that of
/// Stable-Baselines3's VecNormalize.
POLYAK_HOST_DEVICE float observation_scale(double count, const Moments& moments) {
  if (count <= 0.0) return 1.0f;
  return static_cast<float>(1.0 / sqrt(moments.squares / count + 1e-8));
}

/// (o - mean) * scale, feature by feature; null pointers: observations stay as they are.
struct ObservationNormaliser {
  const float* mean;   // [observation_size]
  const float* scale;  // [observation_size]

  POLYAK_HOST_DEVICE float operator()(int feature, float value) const {
    return mean == nullptr ? value : (value - mean[feature]) * scale[feature];
  }
};

}  // namespace polyak
