// The replay of one agent: rings of rows, one ring per environment; shared by CPU and GPU.
//
// A row holds [observation | action | reward | kind], perhaps [.. | recurrent states]. An
// observation is stored once: the next observation of a transition is the observation of the
// following row of its environment. When an episode ends, its true last observation gets a row of
// its own (kind last_observation), and the next episode starts in the row after that. So nothing
// ever crosses an episode.
#pragma once

#include <cstdint>

#include "polyak/core/random.hpp"

namespace polyak {

/// What a row is. Stored as a float in the row.
enum class RowKind : int {
  open = 0,              // the newest row: observation known, action still to come
  continuing = 1,        // a transition inside an episode
  terminated = 2,        // the transition that ended an episode for good: no bootstrap
  truncated = 3,         // ended by the time limit: bootstraps from the following row
  last_observation = 4,  // the observation after an episode's last transition
};

/// Where things are inside a row; normalised actions in [-1, 1].
struct RowLayout {
  int observation_size;
  int action_size;
  int state_floats = 0;  // recurrent states of the networks before they saw the row

  POLYAK_HOST_DEVICE int action_offset() const { return observation_size; }
  POLYAK_HOST_DEVICE int reward_offset() const { return observation_size + action_size; }
  POLYAK_HOST_DEVICE int kind_offset() const { return observation_size + action_size + 1; }
  POLYAK_HOST_DEVICE int state_offset() const { return observation_size + action_size + 2; }
  POLYAK_HOST_DEVICE int floats() const { return state_offset() + state_floats; }
};

/// A transition is row `number` of `environment`; its next observation is in row `number + 1`.
struct ReplayIndex {
  std::int64_t environment;
  std::int64_t number;
};

/// One agent's replay, in memory that somebody else owns.
struct ReplayView {
  float* rows;  // [environments, rows_per_environment, layout.floats()]
  // [environments]: rows ever begun; the newest is number rows_written - 1
  std::int64_t* rows_written;
  std::int64_t environments;
  // At least 3: an ending writes two rows and needs a predecessor.
  std::int64_t rows_per_environment;
  RowLayout layout;

  /// Where a row is among the environments * rows_per_environment that there is room for.
  POLYAK_HOST_DEVICE std::int64_t place(const ReplayIndex& index) const {
    return index.environment * rows_per_environment + index.number % rows_per_environment;
  }

  /// Row `number` of an environment, counted from the first row ever written.
  POLYAK_HOST_DEVICE float* row(std::int64_t environment, std::int64_t number) const {
    return rows + place({environment, number}) * layout.floats();
  }
};

POLYAK_HOST_DEVICE RowKind row_kind(const ReplayView& replay, const float* row) {
  return static_cast<RowKind>(static_cast<int>(row[replay.layout.kind_offset()]));
}

/// Begins row `number` with an observation; its action is still to come, and so are the recurrent
/// states, which whoever acts writes.
POLYAK_HOST_DEVICE void begin_row(const ReplayView& replay, std::int64_t environment,
                                  std::int64_t number, const float* observation, RowKind kind) {
  float* const row = replay.row(environment, number);
  for (int i = 0; i < replay.layout.observation_size; ++i) row[i] = observation[i];
  for (int i = 0; i < replay.layout.action_size; ++i) row[replay.layout.action_offset() + i] = 0.0f;
  row[replay.layout.reward_offset()] = 0.0f;
  row[replay.layout.kind_offset()] = static_cast<float>(static_cast<int>(kind));
}

/// The first row of an environment, or the first of its next episode.
POLYAK_HOST_DEVICE void begin_episode(const ReplayView& replay, std::int64_t environment,
                                      const float* observation) {
  begin_row(replay, environment, replay.rows_written[environment], observation, RowKind::open);
  ++replay.rows_written[environment];
}

/// Completes the environment's open row with the action taken, its reward and how the step ended,
/// and stores the observation that followed. After an ending, call begin_episode.
POLYAK_HOST_DEVICE void append_transition(const ReplayView& replay, std::int64_t environment,
                                          const float* action, float reward, RowKind kind,
                                          const float* next_observation) {
  const std::int64_t number = replay.rows_written[environment];
  float* const row = replay.row(environment, number - 1);
  for (int i = 0; i < replay.layout.action_size; ++i) {
    row[replay.layout.action_offset() + i] = action[i];
  }
  row[replay.layout.reward_offset()] = reward;
  row[replay.layout.kind_offset()] = static_cast<float>(static_cast<int>(kind));
  begin_row(replay, environment, number, next_observation,
            kind == RowKind::continuing ? RowKind::open : RowKind::last_observation);
  ++replay.rows_written[environment];
}

/// How many rows of an environment can be asked for, the open row aside: those written and not yet
/// overwritten. Some of them may be last_observation rows, which begin no transition.
POLYAK_HOST_DEVICE std::int64_t closed_rows(const ReplayView& replay, std::int64_t environment) {
  const std::int64_t written = replay.rows_written[environment];
  return (written < replay.rows_per_environment ? written : replay.rows_per_environment) - 1;
}

/// Draws a transition uniformly among those that the replay holds, the oldest and the newest
/// included, and that `accept(index)` lets through.
///   max_closed_rows  the largest closed_rows() over the environments; above zero
///   generate(draw)    RandomBits of draw 0, 1, ... for this row of the batch and this update
/// Environments with early endings hold different numbers of rows, so the draw is over a rectangle
/// of (environment, age) and refuses what is not there.
template <class Generate, class Accept>
POLYAK_HOST_DEVICE ReplayIndex sample_transition(const ReplayView& replay,
                                                 std::int64_t max_closed_rows,
                                                 const Generate& generate, const Accept& accept) {
  const std::uint64_t ages = static_cast<std::uint64_t>(max_closed_rows);
  const auto place = [&](std::uint64_t candidate) -> ReplayIndex {
    const std::int64_t environment = static_cast<std::int64_t>(candidate / ages);
    const std::int64_t age = static_cast<std::int64_t>(candidate % ages);
    return {environment, replay.rows_written[environment] - 2 - age};
  };
  const auto holds_transition = [&](std::uint64_t candidate) {
    const ReplayIndex index = place(candidate);
    const std::int64_t age = static_cast<std::int64_t>(candidate % ages);
    if (age >= closed_rows(replay, index.environment)) return false;
    const RowKind kind = row_kind(replay, replay.row(index.environment, index.number));
    return kind != RowKind::last_observation && accept(index);
  };
  return place(sample_accepted(static_cast<std::uint64_t>(replay.environments) * ages, generate,
                               holds_transition));
}

/// The same among all that the replay holds.
template <class Generate>
POLYAK_HOST_DEVICE ReplayIndex sample_transition(const ReplayView& replay,
                                                 std::int64_t max_closed_rows,
                                                 const Generate& generate) {
  return sample_transition(replay, max_closed_rows, generate,
                           [](const ReplayIndex&) { return true; });
}

}  // namespace polyak
