// Sequences against rings written by hand, and against a list of which row is of which episode.
#include "polyak/core/sequence.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace polyak {
namespace {

constexpr RowLayout sequence_layout{1, 2};

/// One environment's ring. Row n has the actions n + 0.25 and n + 0.5 and the reward n + 0.75.
class Ring {
 public:
  explicit Ring(std::int64_t rows_per_environment)
      : rows_(static_cast<std::size_t>(rows_per_environment * sequence_layout.floats())),
        rows_per_environment_(rows_per_environment) {
    begin();
  }

  ReplayView view() { return {rows_.data(), &written_, 1, rows_per_environment_, sequence_layout}; }
  std::int64_t newest() const { return written_ - 1; }
  std::int64_t oldest() const {
    return std::max<std::int64_t>(0, written_ - rows_per_environment_);
  }
  /// Of every row ever written.
  const std::vector<int>& episodes() const { return episodes_; }

  void step(RowKind kind = RowKind::continuing) {
    const float row = static_cast<float>(newest()), observation = 0.0f;
    const float action[] = {row + 0.25f, row + 0.5f};
    append_transition(view(), 0, action, row + 0.75f, kind, &observation);
    episodes_.push_back(episode_);
    if (kind == RowKind::continuing) return;
    ++episode_;
    begin();
  }
  void steps(int count) {
    for (int i = 0; i < count; ++i) step();
  }

 private:
  void begin() {
    const float observation = 0.0f;
    begin_episode(view(), 0, &observation);
    episodes_.push_back(episode_);
  }

  std::vector<float> rows_;
  std::int64_t rows_per_environment_, written_ = 0;
  std::vector<int> episodes_;
  int episode_ = 0;
};

/// Transitions 0 to 3, of which the last one ends an episode, with the last observation in row 4;
/// then transitions 5 to 14 of another, with the open row 15.
Ring two_episodes(std::int64_t rows_per_environment, RowKind ending = RowKind::terminated) {
  Ring ring(rows_per_environment);
  ring.steps(3);
  ring.step(ending);
  ring.steps(10);
  return ring;
}

void expect_sequence(Ring& ring, std::int64_t drawn, const SequenceSettings& settings,
                     const Sequence& expected) {
  SCOPED_TRACE("drawn " + std::to_string(drawn));
  const Sequence actual = sequence_at(ring.view(), {0, drawn}, settings);
  EXPECT_EQ(actual.first.environment, expected.first.environment);
  EXPECT_EQ(actual.first.number, expected.first.number);
  EXPECT_EQ(actual.learned_from, expected.learned_from);
  EXPECT_EQ(actual.learned_to, expected.learned_to);
  EXPECT_EQ(actual.rows, expected.rows);
}

constexpr SequenceSettings six_with_burn_in{6, 3, false, 1};

TEST(SequenceAt, HasAsMuchBurnInAsTheEpisode) {
  Ring ring = two_episodes(100);
  expect_sequence(ring, 5, six_with_burn_in, {{0, 5}, 0, 6, 7});
  expect_sequence(ring, 6, six_with_burn_in, {{0, 5}, 1, 6, 7});
  expect_sequence(ring, 8, six_with_burn_in, {{0, 5}, 3, 6, 7});
  expect_sequence(ring, 9, six_with_burn_in, {{0, 6}, 3, 6, 7});
}

TEST(SequenceAt, StartsAtTheDrawnTransitionWithoutBurnIn) {
  Ring ring = two_episodes(100);
  expect_sequence(ring, 2, {6, 0, false, 1}, {{0, 2}, 0, 2, 3});
  expect_sequence(ring, 8, {6, 0, false, 1}, {{0, 8}, 0, 6, 7});
  expect_sequence(ring, 8, {1, 0, false, 1}, {{0, 8}, 0, 1, 2});
}

TEST(SequenceAt, EndsAtTheNewestRow) {
  Ring ring = two_episodes(100);
  expect_sequence(ring, 12, six_with_burn_in, {{0, 9}, 3, 6, 7});
  expect_sequence(ring, 13, six_with_burn_in, {{0, 10}, 3, 5, 6});
  expect_sequence(ring, 14, six_with_burn_in, {{0, 11}, 3, 4, 5});
}

TEST(SequenceAt, EndsWithTheEpisode) {
  for (const RowKind ending : {RowKind::terminated, RowKind::truncated}) {
    Ring ring = two_episodes(100, ending);
    expect_sequence(ring, 0, six_with_burn_in, {{0, 0}, 0, 4, 5});
    expect_sequence(ring, 3, six_with_burn_in, {{0, 0}, 3, 4, 5});
  }
}

TEST(SequenceAt, DoesNotReachBackBehindTheOldestRow) {
  Ring ring = two_episodes(8);
  ASSERT_EQ(ring.oldest(), 8);
  expect_sequence(ring, 8, six_with_burn_in, {{0, 8}, 0, 6, 7});
  expect_sequence(ring, 9, six_with_burn_in, {{0, 8}, 1, 6, 7});
  expect_sequence(ring, 12, {100, 99, false, 1}, {{0, 8}, 4, 7, 8});
  expect_sequence(ring, 12, {10, 0, true, 1}, {{0, 8}, 0, 7, 8});
}

TEST(SequenceAt, IsTheWholeEpisodeWhicheverOfItIsDrawn) {
  Ring ring = two_episodes(100);
  for (std::int64_t drawn = 0; drawn <= 3; ++drawn) {
    expect_sequence(ring, drawn, {10, 0, true, 3}, {{0, 0}, 0, 4, 5});
  }
  for (std::int64_t drawn = 5; drawn <= 14; ++drawn) {
    expect_sequence(ring, drawn, {10, 0, true, 3}, {{0, 5}, 0, 10, 11});
  }
}

TEST(SequenceAt, LooksAheadForBootstrappingAndLearnsNoMore) {
  Ring ring = two_episodes(100);
  expect_sequence(ring, 5, {3, 0, false, 4}, {{0, 5}, 0, 3, 7});
  expect_sequence(ring, 12, {3, 0, false, 4}, {{0, 12}, 0, 3, 4});
  expect_sequence(ring, 1, {2, 1, false, 4}, {{0, 0}, 1, 2, 5});
  expect_sequence(ring, 8, {4, 2, false, 3}, {{0, 6}, 2, 4, 7});
}

TEST(StepBefore, IsTheActionAndScaledRewardOfTheRowBefore) {
  Ring ring = two_episodes(100);
  const ReplayView view = ring.view();
  for (const std::int64_t number : {1, 3, 6, 14, 15}) {
    const StepBefore before = step_before(view, {0, number}, 2.0f);
    const float row = static_cast<float>(number - 1);
    ASSERT_NE(before.action, nullptr) << number;
    EXPECT_EQ(before.action[0], row + 0.25f);
    EXPECT_EQ(before.action[1], row + 0.5f);
    EXPECT_EQ(before.reward, 2.0f * (row + 0.75f));
  }
}

// What an episode's last observation is bootstrapped from includes the action that led to it.
TEST(StepBefore, OfALastObservationIsTheLastAction) {
  for (const RowKind ending : {RowKind::terminated, RowKind::truncated}) {
    Ring ring = two_episodes(100, ending);
    const StepBefore before = step_before(ring.view(), {0, 4}, 1.0f);
    ASSERT_NE(before.action, nullptr);
    EXPECT_EQ(before.action[0], 3.25f);
    EXPECT_EQ(before.reward, 3.75f);
  }
}

TEST(StepBefore, IsNothingAtAnEpisodesStartAndAtTheOldestRow) {
  Ring whole = two_episodes(100), wrapped = two_episodes(8);
  const auto expect_nothing = [](Ring& ring, std::int64_t number) {
    const StepBefore before = step_before(ring.view(), {0, number}, 2.0f);
    EXPECT_EQ(before.action, nullptr) << number;
    EXPECT_EQ(before.reward, 0.0f) << number;
  };
  expect_nothing(whole, 0);
  expect_nothing(whole, 5);
  expect_nothing(wrapped, 8);
}

/// From the rows of the drawn one's episode that the ring holds.
Sequence brute_force(const Ring& ring, std::int64_t drawn, const SequenceSettings& settings) {
  const auto episode_of = [&](std::int64_t number) {
    return ring.episodes()[static_cast<std::size_t>(number)];
  };
  std::int64_t begin = ring.newest(), end = ring.oldest();
  for (std::int64_t number = ring.oldest(); number <= ring.newest(); ++number) {
    if (episode_of(number) != episode_of(drawn)) continue;
    begin = std::min(begin, number);
    end = std::max(end, number);
  }
  const std::int64_t first =
      settings.whole_episodes ? begin : std::max(begin, drawn - settings.burn_in);
  const std::int64_t learned_from = settings.whole_episodes ? 0 : drawn - first;
  const std::int64_t max_rows = settings.length + settings.lookahead;
  return {{0, first},
          static_cast<std::int32_t>(learned_from),
          static_cast<std::int32_t>(std::min<std::int64_t>(settings.length, end - first)),
          static_cast<std::int32_t>(std::min(max_rows, end - first + 1))};
}

TEST(SequenceAt, IsTheEpisodesPartThatTheRingHolds) {
  std::mt19937 engine{5};
  for (const std::int64_t rows : {3, 4, 9, 33}) {
    Ring ring(rows);
    for (int i = 0; i < 200; ++i) {
      const auto word = engine();
      ring.step(word % 7 > 0    ? RowKind::continuing
                : word % 2 == 0 ? RowKind::terminated
                                : RowKind::truncated);
      for (std::int64_t drawn = ring.oldest(); drawn < ring.newest(); ++drawn) {
        const RowKind kind = row_kind(ring.view(), ring.view().row(0, drawn));
        if (kind == RowKind::last_observation) continue;
        for (const SequenceSettings& settings :
             {six_with_burn_in, SequenceSettings{1, 0, false, 1}, SequenceSettings{5, 4, false, 3},
              SequenceSettings{200, 0, true, 5}}) {
          expect_sequence(ring, drawn, settings, brute_force(ring, drawn, settings));
        }
      }
    }
  }
}

}  // namespace
}  // namespace polyak
