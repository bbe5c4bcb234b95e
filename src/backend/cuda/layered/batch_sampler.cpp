#include "backend/cuda/layered/batch_sampler.hpp"

#include <utility>

#include "backend/cuda/device/check.hpp"
#include "config/derived.hpp"
#include "kernels/sequences.hpp"

namespace polyak::cuda {

SampledBatch::SampledBatch(const Config& config, MemoryBudget& budget) {
  const StepShape shape = batch_steps(config);
  const MemorySize rows = MemorySize(config.agents) * shape.rows();
  for (BatchMatrix* matrix : {&transition, &next, &policy}) {
    *matrix = BatchMatrix(config.agents, shape.rows(), critic_layout(config).inputs(),
                          batch_purpose, budget);
  }
  reward = budget.buffer<float>(rows, batch_purpose);
  bootstrap_discount = budget.buffer<float>(rows, batch_purpose);
  updates = budget.buffer<std::int64_t>(1, batch_purpose);
  if (config.sampling == Sampling::without_replacement) {
    claims = budget.buffer<std::int32_t>(
        MemorySize(config.agents) * config.environments * derive(config).rows_per_environment,
        "claims on transitions, for sampling without replacement");
  }
  if (!is_recurrent(config)) return;
  sequences =
      budget.buffer<Sequence>(std::int64_t{config.agents} * config.batch_size, batch_purpose);
  learned_steps = budget.buffer<std::int32_t>(config.agents, batch_purpose);
  weight = budget.buffer<float>(rows, batch_purpose);
  bootstrap_row = budget.buffer<std::int32_t>(rows, batch_purpose);
}

BatchSampler::BatchSampler(const Config& config, const Stream& stream,
                           const TrainingBuffers& training, SampledBatch batch)
    : config_(config), stream_(stream.get()), training_(training), batch_(std::move(batch)) {
  zero(batch_.claims, stream);
}

void BatchSampler::sample() const {
  if (is_recurrent(config_)) {
    sample_sequences();
  } else {
    sample_transitions();
  }
}

kernels::Draws BatchSampler::draws() const {
  return {.agents = config_.agents,
          .batch = config_.batch_size,
          .replays = training_.replay.view(),
          .seed = training_.settings.seed.data(),
          .updates = training_.updates.data(),
          .claims = batch_.claims.data()};
}

/// (o, a, r, o').
void BatchSampler::sample_transitions() const {
  if (batch_.claims.size() > 0) {
    check(kernels::launch_claim_transitions(draws(), stream_), "launch_claim_transitions");
  }
  check(kernels::launch_sample_batch({.draws = draws(),
                                      .returns = training_.settings.returns.data(),
                                      .normalisers = training_.normalisation.view(),
                                      .updates_copy = batch_.updates.data(),
                                      .transition = batch_.transition.view(),
                                      .observation = batch_.policy.view(),
                                      .next_observation = batch_.next.view(),
                                      .reward = batch_.reward.data(),
                                      .bootstrap_discount = batch_.bootstrap_discount.data()},
                                     stream_),
        "launch_sample_batch");
}

void BatchSampler::sample_sequences() const {
  check(kernels::launch_draw_sequences({.draws = draws(),
                                        .settings = sequence_settings(config_),
                                        .sequences = batch_.sequences.data(),
                                        .learned_steps = batch_.learned_steps.data(),
                                        .updates_copy = batch_.updates.data()},
                                       stream_),
        "launch_draw_sequences");
  check(kernels::launch_gather_sequences({.agents = config_.agents,
                                          .batch = config_.batch_size,
                                          .replays = training_.replay.view(),
                                          .settings = sequence_settings(config_),
                                          .sequences = batch_.sequences.data(),
                                          .returns = training_.settings.returns.data(),
                                          .normalisers = training_.normalisation.view(),
                                          .transition = batch_.transition.view(),
                                          .next = batch_.next.view(),
                                          .policy = batch_.policy.view(),
                                          .reward = batch_.reward.data(),
                                          .bootstrap_discount = batch_.bootstrap_discount.data(),
                                          .weight = batch_.weight.data(),
                                          .bootstrap_row = batch_.bootstrap_row.data()},
                                         stream_),
        "launch_gather_sequences");
}

}  // namespace polyak::cuda
