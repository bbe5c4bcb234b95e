// Sequences of the replay for recurrent policies; shared by CPU and GPU.
//
// A sequence is a run of rows of one environment inside one episode. Its first rows may be burn-in:
// they only bring the recurrent state, which starts from zero, up to date (Kapturowski et al. 2019,
// section 3).
#pragma once

#include <cstdint>

#include "polyak/core/n_step.hpp"
#include "polyak/core/replay.hpp"

namespace polyak {

/// How sequences are cut out of episodes.
struct SequenceSettings {
  std::int32_t length;     // most transitions of a sequence, burn-in included
  std::int32_t burn_in;    // most transitions that nothing is learnt from; below length
  bool whole_episodes;     // from an episode's first row on (Heess et al. 2015)
  std::int32_t lookahead;  // rows behind the last transition that may be bootstrapped from

  /// Rows of the longest sequence.
  POLYAK_HOST_DEVICE std::int32_t steps() const { return length + lookahead; }
};

/// One sequence: rows first ... first + rows - 1 of its environment.
struct Sequence {
  ReplayIndex first;
  std::int32_t learned_from;  // transitions before this one are burn-in
  std::int32_t learned_to;    // one past the last transition learnt from
  std::int32_t rows;          // with those that are only bootstrapped from
};

/// Whether the row before is of the same episode, and still there. An episode's last row is its
/// last observation, whose row before is the transition that ended it.
POLYAK_HOST_DEVICE bool continues_from_row_before(const ReplayView& replay,
                                                  const ReplayIndex& index) {
  const std::int64_t oldest =
      replay.rows_written[index.environment] - 1 - closed_rows(replay, index.environment);
  return index.number > oldest &&
         row_kind(replay, replay.row(index.environment, index.number - 1)) !=
             RowKind::last_observation;
}

/// The sequence that a drawn transition stands for: as its first learned one, with as much burn-in
/// before it as the episode has, or as any of its whole episode.
POLYAK_HOST_DEVICE Sequence sequence_at(const ReplayView& replay, const ReplayIndex& drawn,
                                        const SequenceSettings& settings) {
  Sequence sequence{drawn, 0, 0, 1};
  std::int32_t before = 0;
  while ((settings.whole_episodes || before < settings.burn_in) &&
         continues_from_row_before(replay, sequence.first)) {
    --sequence.first.number;
    ++before;
  }
  sequence.learned_from = settings.whole_episodes ? 0 : before;
  const std::int64_t newest = replay.rows_written[drawn.environment] - 1;
  RowKind kind = RowKind::continuing;
  while (sequence.rows < settings.steps() && kind == RowKind::continuing) {
    const std::int64_t number = sequence.first.number + sequence.rows - 1;
    if (number == newest) break;
    kind = row_kind(replay, replay.row(drawn.environment, number));
    ++sequence.rows;
  }
  const std::int32_t transitions = sequence.rows - 1;
  sequence.learned_to = transitions < settings.length ? transitions : settings.length;
  return sequence;
}

/// What a network sees at row `number` of an environment besides the observation: the action before
/// it and the reward that followed, or zeros at an episode's first row.
struct StepBefore {
  const float* action;  // null at an episode's first row
  float reward;         // as the agents learn from it
};
POLYAK_HOST_DEVICE StepBefore step_before(const ReplayView& replay, const ReplayIndex& index,
                                          float reward_scale) {
  if (!continues_from_row_before(replay, index)) return {nullptr, 0.0f};
  const float* const row = replay.row(index.environment, index.number - 1);
  return {row + replay.layout.action_offset(), reward_scale * row[replay.layout.reward_offset()]};
}

}  // namespace polyak
