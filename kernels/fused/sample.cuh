#pragma once

// A block's rows of the batch, drawn uniformly from the agent's replay (polyak/core/replay.hpp),
// with their returns (polyak/core/n_step.hpp).

#include "kernels/agent_views.cuh"
#include "kernels/fused/network_pass.cuh"
#include "kernels/random.cuh"
#include "polyak/core/n_step.hpp"

namespace polyak::kernels::fused {

/// Where the rows go: each pointer to its first feature, features `pitch` floats apart.
struct SampledRows {
  float* transition;  // [observation | action]
  float* next;        // [observation] after the return's last step
  float* reward;
  float* bootstrap_discount;
  int pitch;
};

/// The transition that is row `row` of an update's batch.
__device__ POLYAK_INLINE ReplayIndex draw_row(const ReplayView& replay,
                                              std::int64_t max_closed_rows,
                                              const CurandRandom& random, std::int64_t update,
                                              int row) {
  return sample_transition(replay, max_closed_rows, [&](std::uint32_t draw) {
    return random(static_cast<std::uint32_t>(row), static_cast<std::uint64_t>(update),
                  Purpose::replay_sample, draw);
  });
}

/// It becomes row i of the block's.
__device__ POLYAK_INLINE void copy_row(const ReplayView& replay, const ReturnSettings& returns,
                                       const ReplayIndex& index, int i, const SampledRows& rows) {
  const RowLayout& layout = replay.layout;
  const float* const row = replay.row(index.environment, index.number);
  const SampledReturn sampled = sampled_return(replay, index, returns);
  const float* const next_row = replay.row(index.environment, sampled.last);
  for (int f = 0; f < layout.reward_offset(); ++f) rows.transition[f * rows.pitch + i] = row[f];
  for (int f = 0; f < layout.observation_size; ++f) rows.next[f * rows.pitch + i] = next_row[f];
  rows.reward[i] = sampled.reward;
  rows.bootstrap_discount[i] = sampled.bootstrap_discount;
}

/// Row `first_row` + i of the batch becomes row i, for i < count. Thread i of `threads` draws and
/// copies it: its loads depend on each other and are waited for together. No barrier within.
struct SampleRows {
  __device__ POLYAK_INLINE void operator()(const ReplayView& replay, std::int64_t max_closed_rows,
                                           const ReturnSettings& returns,
                                           const CurandRandom& random, std::int64_t update,
                                           int first_row, int count, int thread, int threads,
                                           const SampledRows& rows) const {
    for (int i = thread; i < count; i += threads) {
      copy_row(replay, returns, draw_row(replay, max_closed_rows, random, update, first_row + i), i,
               rows);
    }
  }
};

}  // namespace polyak::kernels::fused
