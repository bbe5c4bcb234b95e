// What a sampled transition is learnt from: its reward, or the rewards of several steps; shared by
// CPU and GPU.
#pragma once

#include <cstdint>

#include "polyak/core/replay.hpp"

namespace polyak {

/// How one agent makes returns of rewards.
struct ReturnSettings {
  float discount;            // gamma
  float reward_scale;        // multiplies every reward
  int steps;                 // n, the most steps of a return; at least 1
  bool time_limit_terminal;  // a time limit counts as a termination
};

/// y = reward + bootstrap_discount Q'(o_k, actor'(o_k)), with o_k in row `last` of the environment.
struct SampledReturn {
  float reward;              // r_0 + gamma r_1 + ... + gamma^(k-1) r_(k-1)
  float bootstrap_discount;  // gamma^k; 0 after a termination
  std::int64_t last;         // number of the row
};

/// The return of up to n steps (Watkins 1989, section 7.2) from a transition that the replay holds.
/// It has k < n steps where the episode ends, and where the newest row is reached, whose action is
/// still to come: what has been collected is not held back until more is there.
POLYAK_HOST_DEVICE SampledReturn sampled_return(const ReplayView& replay, const ReplayIndex& first,
                                                const ReturnSettings& settings) {
  const std::int64_t newest = replay.rows_written[first.environment] - 1;
  float reward = 0.0f, discount = 1.0f;
  std::int64_t number = first.number;
  for (int step = 1;; ++step) {
    const float* const row = replay.row(first.environment, number);
    const RowKind kind = row_kind(replay, row);
    const float scaled = settings.reward_scale * row[replay.layout.reward_offset()];
    reward = step == 1 ? scaled : reward + discount * scaled;
    discount *= settings.discount;
    ++number;
    if (kind == RowKind::terminated) return {reward, 0.0f, number};
    if (kind == RowKind::truncated) {
      return {reward, settings.time_limit_terminal ? 0.0f : discount, number};
    }
    if (step == settings.steps || number == newest) return {reward, discount, number};
  }
}

}  // namespace polyak
