// Adam (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1) on one parameter, shared by CPU and GPU.
#pragma once

#include <cmath>
#include <cstdint>

#include "polyak/core/host_device.hpp"

namespace polyak {

/// The hyper-parameters of Adam and what follows from the number of updates made.
struct AdamStep {
  float learning_rate_corrected;   // learning_rate / (1 - beta1^t)
  float second_moment_correction;  // 1 / sqrt(1 - beta2^t)
  float beta1, beta2, epsilon;
};

/// For update `update` (1 for the first). The powers are computed in double: beta2^t is close to 1
/// for the first updates and float32 would lose the difference.
POLYAK_HOST_DEVICE AdamStep make_adam_step(float learning_rate, float beta1, float beta2,
                                           float epsilon, std::int64_t update) {
  const double t = static_cast<double>(update);
  const double correction1 = 1.0 - pow(static_cast<double>(beta1), t);
  const double correction2 = 1.0 - pow(static_cast<double>(beta2), t);
  return {static_cast<float>(static_cast<double>(learning_rate) / correction1),
          static_cast<float>(1.0 / sqrt(correction2)), beta1, beta2, epsilon};
}

/// m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2;
/// p <- p - lr / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon), as PyTorch orders it.
POLYAK_HOST_DEVICE void adam_update(const AdamStep& step, float gradient, float& parameter,
                                    float& first_moment, float& second_moment) {
  first_moment = step.beta1 * first_moment + (1.0f - step.beta1) * gradient;
  second_moment = step.beta2 * second_moment + (1.0f - step.beta2) * gradient * gradient;
  const float denominator = sqrtf(second_moment) * step.second_moment_correction + step.epsilon;
  parameter -= step.learning_rate_corrected * first_moment / denominator;
}

}  // namespace polyak
