// The layered engine's batches.
#include "backend/cuda/device/check.hpp"
#include "backend/cuda/layered/layered_engine.hpp"
#include "config/derived.hpp"
#include "kernels/replay.hpp"

namespace polyak::cuda {

/// Drawn uniformly from each agent's replay.
void LayeredEngine::sample() const {
  if (is_recurrent(config_)) {
    sample_sequences();
  } else {
    sample_transitions();
  }
}

kernels::Draws LayeredEngine::draws() const {
  return {.agents = config_.agents,
          .batch = config_.batch_size,
          .replays = training_.replay.view(),
          .seed = training_.settings.seed.data(),
          .updates = training_.updates.data(),
          .owners = buffers_.owners.data()};
}

/// (o, a, r, o').
void LayeredEngine::sample_transitions() const {
  if (buffers_.owners.size() > 0) {
    check(kernels::launch_claim_transitions(draws(), stream_), "launch_claim_transitions");
  }
  check(kernels::launch_sample_batch({.draws = draws(),
                                      .returns = training_.settings.returns.data(),
                                      .normalisers = training_.normalisation.view(),
                                      .updates_copy = buffers_.updates.data(),
                                      .transition = buffers_.transition.view(),
                                      .observation = buffers_.policy.view(),
                                      .next_observation = buffers_.next.view(),
                                      .reward = buffers_.reward.data(),
                                      .bootstrap_discount = buffers_.bootstrap_discount.data()},
                                     stream_),
        "launch_sample_batch");
}

}  // namespace polyak::cuda
