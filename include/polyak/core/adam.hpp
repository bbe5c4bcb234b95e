// Adam (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1) on one parameter, shared by CPU and GPU.
#pragma once

#include <cmath>
#include <cstdint>

#include "polyak/core/elementary_functions.hpp"

namespace polyak {

/// The hyper-parameters of Adam and what follows from the number of updates made.
struct AdamStep {
  float learning_rate_corrected;   // learning_rate / (1 - beta1^t)
  float second_moment_correction;  // 1 / sqrt(1 - beta2^t)
  float beta1, beta2, epsilon;
};

/// 1 - beta^t for update t (1 for the first), in double: beta2^t is close to 1 for the first
/// updates and float32 would lose the difference.
POLYAK_HOST_DEVICE double bias_correction(float beta, std::int64_t update) {
  return 1.0 - whole_power(static_cast<double>(beta), update);
}
POLYAK_HOST_DEVICE float corrected_learning_rate(float learning_rate, double correction1) {
  return static_cast<float>(static_cast<double>(learning_rate) / correction1);
}
POLYAK_HOST_DEVICE float second_moment_correction(double correction2) {
  return static_cast<float>(1.0 / sqrt(correction2));
}

/// For update `update` (1 for the first).
POLYAK_HOST_DEVICE AdamStep make_adam_step(float learning_rate, float beta1, float beta2,
                                           float epsilon, std::int64_t update) {
  return {corrected_learning_rate(learning_rate, bias_correction(beta1, update)),
          second_moment_correction(bias_correction(beta2, update)), beta1, beta2, epsilon};
}

/// The learning rate of an update. With `decay_updates` it falls linearly, from the whole rate in
/// the first update to zero after so many; zero means that it is constant.
POLYAK_HOST_DEVICE float decayed_learning_rate(float learning_rate, std::int64_t updates_before,
                                               std::int64_t decay_updates) {
  if (decay_updates == 0) return learning_rate;
  const std::int64_t left = updates_before < decay_updates ? decay_updates - updates_before : 0;
  return static_cast<float>(static_cast<double>(learning_rate) * static_cast<double>(left) /
                            static_cast<double>(decay_updates));
}

/// What happens to a gradient and its parameter before Adam.
struct Regularisation {
  float gradient_scale = 1.0f;  // of clipping
  float penalty = 0.0f;         // of the parameter, added to the gradient (L2)
  float shrinkage = 0.0f;       // of the parameter, taken from it (AdamW)

  POLYAK_HOST_DEVICE bool is_needed() const {
    return gradient_scale != 1.0f || penalty != 0.0f || shrinkage != 0.0f;
  }
};

/// Loshchilov & Hutter 2019 (arXiv 1711.05101), as PyTorch's Adam and AdamW have it: the penalty is
/// added to the gradient, the decoupled decay is in units of the learning rate.
POLYAK_HOST_DEVICE Regularisation make_regularisation(float gradient_scale, float weight_decay,
                                                      bool decoupled, float learning_rate) {
  return {gradient_scale, decoupled ? 0.0f : weight_decay,
          decoupled ? learning_rate * weight_decay : 0.0f};
}

POLYAK_HOST_DEVICE void regularise(const Regularisation& rule, float& gradient, float& parameter) {
  gradient = fmaf(rule.penalty, parameter, rule.gradient_scale * gradient);
  parameter = fmaf(-rule.shrinkage, parameter, parameter);
}

/// What to multiply a gradient by so that its norm is at most `largest_norm`; 0 is no limit
/// (Pascanu et al. 2013, arXiv 1211.5063; as PyTorch's clip_grad_norm_).
POLYAK_HOST_DEVICE float clipping_scale(double squared_norm, float largest_norm) {
  if (largest_norm == 0.0f) return 1.0f;
  const double scale = static_cast<double>(largest_norm) / (sqrt(squared_norm) + 1e-6);
  return scale < 1.0 ? static_cast<float>(scale) : 1.0f;
}

/// Moments below these are set to zero. Those of a unit that has died decay for ever, and would
/// become subnormal numbers, with which processors take many times as long. The second is the
/// square of the first: both are far below what the smallest epsilon lets through.
inline constexpr float smallest_first_moment = 0x1p-60f, smallest_second_moment = 0x1p-120f;

/// m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2;
/// p <- p - lr / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon), as PyTorch orders it.
POLYAK_HOST_DEVICE void adam_update(const AdamStep& step, float gradient, float& parameter,
                                    float& first_moment, float& second_moment) {
  // In names of their own: what was stored through a reference would have to be loaded again.
  float first = fmaf(step.beta1, first_moment, (1.0f - step.beta1) * gradient);
  float second = fmaf(step.beta2, second_moment, (1.0f - step.beta2) * gradient * gradient);
  first = fabsf(first) < smallest_first_moment ? 0.0f : first;
  second = second < smallest_second_moment ? 0.0f : second;
  first_moment = first;
  second_moment = second;
  const float denominator = fmaf(sqrtf(second), step.second_moment_correction, step.epsilon);
  parameter -= step.learning_rate_corrected * first / denominator;
}

/// target <- target + tau (parameter - target).
POLYAK_HOST_DEVICE float polyak_average(float target, float parameter, float tau) {
  return fmaf(tau, parameter - target, target);
}

}  // namespace polyak
