// Sequences of the replays of several agents as the kernels gather them, and on the host by going
// through the episodes one by one.
#pragma once

#include <algorithm>
#include <vector>

#include "kernels/replay_case.hpp"
#include "polyak/core/n_step.hpp"
#include "polyak/core/sequence.hpp"

namespace polyak::test {

inline constexpr int sequence_agents = 3;
inline constexpr std::int64_t update = 5;
inline const std::vector<std::uint64_t> sequence_seeds = {11, 0xfedcba9876543210u, 3};

// Episodes of five steps, six rows; a ring holds up to three of them, the oldest perhaps in part.
inline constexpr EnvironmentShape shape{17, 5, 37};

// Length, burn-in, whole episodes, lookahead.
inline constexpr SequenceSettings all_settings[] = {
    {1, 0, false, 1}, {3, 2, false, 1}, {3, 0, false, 3}, {9, 3, false, 3},
    {2, 0, true, 1},  {4, 0, true, 3},  {9, 0, true, 3}};

inline float mean(int agent, int feature) { return 0.1f * static_cast<float>(agent - feature); }
inline float scale(int agent, int feature) {
  return 1.0f + 0.5f * static_cast<float>(agent + feature);
}

/// Agent i makes returns of 1 + i steps where the sequences look ahead so far.
inline ReturnSettings returns_of(int agent, const SequenceSettings& settings) {
  return {0.9f, 0.5f, std::min(1 + agent, settings.lookahead), agent == 1};
}

/// What both kernels write for agents first_agent, ..., on the host.
struct Gathered {
  std::vector<Sequence> sequences;
  std::vector<std::int32_t> learned_steps, bootstrap_row;
  std::vector<float> transition, next, policy, reward, bootstrap_discount, weight;
};

/// The rows of an environment from an episode's first that is still there to its last, by number.
struct Episode {
  std::int64_t first, last;
};

/// The episode of row `number`, found by cutting the whole ring at the last observations.
inline Episode episode_of(const ReplayView& replay, std::int64_t environment, std::int64_t number) {
  const std::int64_t written = replay.rows_written[environment];
  Episode episode{std::max<std::int64_t>(0, written - replay.rows_per_environment), 0};
  for (episode.last = episode.first;; ++episode.last) {
    const bool ends =
        row_kind(replay, replay.row(environment, episode.last)) == RowKind::last_observation ||
        episode.last == written - 1;
    if (!ends) continue;
    if (number <= episode.last) return episode;
    episode.first = episode.last + 1;
  }
}

/// How often the rarer cases occur in a batch.
struct Tally {
  int burn_in = 0, padding = 0, terminations = 0, time_limits = 0, open_rows = 0,
      cut_beginnings = 0;
};

/// The same by going through the episodes, in double precision.
class Expected {
 public:
  Expected(FilledReplays& replays, int batch, const SequenceSettings& settings, bool normalise)
      : batch_(batch), settings_(settings), normalise_(normalise) {
    for (int agent = 0; agent < sequence_agents; ++agent) {
      const std::int64_t steps = settings.length + settings.lookahead;
      agent_ = agent;
      replay_ = replays.view(agent);
      draw(replays.max_closed_rows(agent));
      for (std::int64_t t = 0; t < steps; ++t) {
        for (int b = 0; b < batch; ++b) add_row(t, b);
      }
    }
  }

  Gathered result;
  Tally tally;

 private:
  struct Drawn {
    Sequence sequence;
    Episode episode;
  };

  void draw(std::int64_t max_closed_rows) {
    const PhiloxRandom random{sequence_seeds[static_cast<std::size_t>(agent_)]};
    drawn_.clear();
    result.learned_steps.push_back(0);
    for (int b = 0; b < batch_; ++b) {
      const ReplayIndex index =
          sample_transition(replay_, max_closed_rows, [&](std::uint32_t draw) {
            return random(static_cast<std::uint32_t>(b), update, Purpose::replay_sample, draw);
          });
      const Episode episode = episode_of(replay_, index.environment, index.number);
      const std::int64_t first = settings_.whole_episodes
                                     ? episode.first
                                     : std::max(episode.first, index.number - settings_.burn_in);
      const auto transitions = static_cast<std::int32_t>(episode.last - first);
      Sequence sequence{{index.environment, first}, 0, std::min(transitions, settings_.length), 0};
      if (!settings_.whole_episodes) {
        sequence.learned_from = static_cast<std::int32_t>(index.number - first);
      }
      sequence.rows = std::min(transitions + 1, settings_.length + settings_.lookahead);
      drawn_.push_back({sequence, episode});
      result.sequences.push_back(sequence);
      result.learned_steps.back() += sequence.learned_to - sequence.learned_from;
      tally.burn_in += sequence.learned_from > 0;
    }
  }

  void add_row(std::int64_t t, int b) {
    const Drawn& drawn = drawn_[static_cast<std::size_t>(b)];
    const std::int64_t number = drawn.sequence.first.number + t;
    const bool there = t < drawn.sequence.rows;
    tally.padding += !there;
    const RowLayout& layout = replay_.layout;
    std::vector<float> input;
    if (there) {
      input = input_of(drawn, number);
    } else {
      input.resize(static_cast<std::size_t>(layout.observation_size + layout.action_size + 1));
    }
    for (std::vector<float>* matrix : {&result.transition, &result.next, &result.policy}) {
      matrix->insert(matrix->end(), input.begin(), input.end());
    }
    const float* const row = replay_.row(drawn.sequence.first.environment, number);
    for (int i = 0; i < layout.action_size; ++i) {
      result.transition.push_back(there ? row[layout.action_offset() + i] : 0.0f);
    }
    add_target(drawn, t, b);
  }

  std::vector<float> input_of(const Drawn& drawn, std::int64_t number) {
    const RowLayout& layout = replay_.layout;
    const float* const row = replay_.row(drawn.sequence.first.environment, number);
    std::vector<float> input;
    for (int i = 0; i < layout.observation_size; ++i) {
      input.push_back(normalise_ ? (row[i] - mean(agent_, i)) * scale(agent_, i) : row[i]);
    }
    const bool first = number == drawn.episode.first;
    tally.cut_beginnings += first && number % (shape.episode_steps + 1) != 0;
    const float* const before =
        replay_.row(drawn.sequence.first.environment, first ? number : number - 1);
    for (int i = 0; i < layout.action_size; ++i) {
      input.push_back(first ? 0.0f : before[layout.action_offset() + i]);
    }
    const float reward_scale = returns_of(agent_, settings_).reward_scale;
    input.push_back(first ? 0.0f : reward_scale * before[layout.reward_offset()]);
    return input;
  }

  /// Of time t of sequence b: weight, return, and where it is bootstrapped from.
  void add_target(const Drawn& drawn, std::int64_t t, int b) {
    const Sequence& sequence = drawn.sequence;
    const bool learned = t >= sequence.learned_from && t < sequence.learned_to;
    const ReturnSettings returns = returns_of(agent_, settings_);
    double reward = 0.0, discount = 1.0;
    std::int64_t last = sequence.first.number + t;
    if (learned) {
      const std::int64_t end = std::min<std::int64_t>(last + returns.steps, drawn.episode.last);
      RowKind kind = RowKind::open;
      for (; last < end; ++last) {
        const float* const row = replay_.row(sequence.first.environment, last);
        reward += discount * 0.5 * static_cast<double>(row[replay_.layout.reward_offset()]);
        discount *= static_cast<double>(returns.discount);
        kind = row_kind(replay_, row);
      }
      tally.terminations += kind == RowKind::terminated;
      tally.time_limits += kind == RowKind::truncated;
      tally.open_rows += last == replay_.rows_written[sequence.first.environment] - 1;
      const bool terminal = kind == RowKind::terminated ||
                            (kind == RowKind::truncated && returns.time_limit_terminal);
      if (terminal) discount = 0.0;
    }
    result.weight.push_back(learned ? 1.0f : 0.0f);
    result.reward.push_back(static_cast<float>(reward));
    result.bootstrap_discount.push_back(learned ? static_cast<float>(discount) : 0.0f);
    const std::int64_t row = (last - sequence.first.number) * batch_ + b;
    result.bootstrap_row.push_back(static_cast<std::int32_t>(row));
  }

  int agent_ = 0, batch_;
  SequenceSettings settings_;
  bool normalise_;
  ReplayView replay_{};
  std::vector<Drawn> drawn_;
};

}  // namespace polyak::test
