#pragma once

// What Adam needs of the number of updates (polyak/core/adam.hpp), computed within a kernel.

#include "kernels/portability.cuh"
#include "polyak/core/adam.hpp"

namespace polyak::kernels {

/// The same moments' decay for a critic and an actor.
struct AdamRates {
  float learning_rate_critic, learning_rate_actor;
  float beta1, beta2, epsilon;
};

/// The steps of update `number`, counted from 1 (make_adam_step), by threads 0 and 1 of a warp: one
/// for each moment, so that the powers are computed at once.
__device__ inline void prepare_adam_steps(const AdamRates& rates, std::int64_t number, int thread,
                                          AdamStep& critic, AdamStep& actor) {
  if (thread > 1) return;
  const double correction = bias_correction(thread == 0 ? rates.beta1 : rates.beta2, number);
  if (thread == 0) {
    critic.learning_rate_corrected =
        corrected_learning_rate(rates.learning_rate_critic, correction);
    actor.learning_rate_corrected = corrected_learning_rate(rates.learning_rate_actor, correction);
    critic.beta1 = actor.beta1 = rates.beta1;
  } else {
    critic.second_moment_correction = actor.second_moment_correction =
        second_moment_correction(correction);
    critic.beta2 = actor.beta2 = rates.beta2;
    critic.epsilon = actor.epsilon = rates.epsilon;
  }
}

}  // namespace polyak::kernels
