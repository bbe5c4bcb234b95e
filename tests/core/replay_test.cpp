// The replay against a naive model that keeps every transition in a list.
#include "polyak/core/replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "support/statistics.hpp"

namespace polyak {
namespace {

constexpr RowLayout replay_layout{3, 2};
constexpr float unwritten = -12345.0f;

/// A transition as the environment made it. Every value in it says where it came from.
struct Transition {
  std::vector<float> observation, action, next_observation;
  float reward = 0.0f;
  RowKind kind = RowKind::continuing;

  bool operator==(const Transition&) const = default;
};

/// A row as it was written, with its transition if it begins one.
struct ModelRow {
  std::int64_t number;  // of the row in the environment's ring
  Transition transition;
};
using ModelEnvironment = std::vector<ModelRow>;

/// Fills a replay with episodes of random lengths and endings, and the model with the same.
class ReplayProperty {
 public:
  ReplayProperty(std::int64_t environments, std::int64_t rows_per_environment, std::uint64_t seed)
      : random_{seed},
        rows_(
            static_cast<std::size_t>(environments * rows_per_environment * replay_layout.floats()),
            unwritten),
        written_(static_cast<std::size_t>(environments), 0),
        model_(static_cast<std::size_t>(environments)),
        left_in_episode_(static_cast<std::size_t>(environments), 0),
        view_{rows_.data(), written_.data(), environments, rows_per_environment, replay_layout} {
    for (std::int64_t environment = 0; environment < environments; ++environment)
      start_episode(environment);
  }

  const ReplayView& view() const { return view_; }

  void step(std::int64_t environment) {
    const auto s = static_cast<std::size_t>(environment);
    Transition transition;
    transition.observation = observations_[environment];
    transition.action = {unique(), unique()};
    transition.reward = unique();
    transition.next_observation = make_observation();
    if (--left_in_episode_[s] == 0) {
      transition.kind = draw(2) == 0 ? RowKind::terminated : RowKind::truncated;
    }
    model_[s].push_back({written_[s] - 1, transition});
    append_transition(view_, environment, transition.action.data(), transition.reward,
                      transition.kind, transition.next_observation.data());
    observations_[environment] = transition.next_observation;
    if (transition.kind != RowKind::continuing) start_episode(environment);
  }

  /// The transitions of an environment whose rows, and next rows, are still in the ring.
  ModelEnvironment held(std::int64_t environment) const {
    const auto s = static_cast<std::size_t>(environment);
    ModelEnvironment result;
    for (const ModelRow& row : model_[s]) {
      if (row.number >= written_[s] - view_.rows_per_environment) result.push_back(row);
    }
    return result;
  }

  Transition read(std::int64_t environment, std::int64_t number) const {
    const float* const row = view_.row(environment, number);
    const float* const next = view_.row(environment, number + 1);
    return {{row, row + 3}, {row + 3, row + 5}, {next, next + 3}, row[5], row_kind(view_, row)};
  }

  std::int64_t max_closed_rows() const {
    std::int64_t most = 0;
    for (std::int64_t environment = 0; environment < view_.environments; ++environment) {
      most = std::max(most, closed_rows(view_, environment));
    }
    return most;
  }

  ReplayIndex sample(std::uint32_t number) const {
    return sample_transition(view_, max_closed_rows(), [&](std::uint32_t d) {
      return random_(number, 1, Purpose::replay_sample, d);
    });
  }

  /// Uniform in [0, bound).
  std::int64_t draw(std::int64_t bound) {
    return random_(draws_++, 0, Purpose::warmup_action).x % bound;
  }

 private:
  void start_episode(std::int64_t environment) {
    observations_[environment] = make_observation();
    begin_episode(view_, environment, observations_[environment].data());
    // Mostly short episodes, one in four of a single step.
    left_in_episode_[static_cast<std::size_t>(environment)] =
        draw(4) == 0 ? 1 : 1 + static_cast<int>(draw(9));
  }
  float unique() { return static_cast<float>(++next_value_); }
  std::vector<float> make_observation() { return {unique(), unique(), unique()}; }

  PhiloxRandom random_;
  std::uint32_t draws_ = 0;
  int next_value_ = 0;
  std::vector<float> rows_;
  std::vector<std::int64_t> written_;
  std::vector<ModelEnvironment> model_;
  std::vector<int> left_in_episode_;
  std::map<std::int64_t, std::vector<float>> observations_;
  ReplayView view_;
};

struct Shape {
  std::int64_t environments, rows_per_environment;
};
void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.environments << " environments of " << shape.rows_per_environment << " rows";
}

class ReplayShapes : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Shapes, ReplayShapes,
                         testing::Values(Shape{1, 3}, Shape{1, 4}, Shape{1, 17}, Shape{3, 3},
                                         Shape{5, 8}, Shape{7, 33}, Shape{2, 1000}));

// After every step, every transition that the replay ought to hold reads back exactly: observation,
// action, reward, kind, and the true next observation, the last one of an episode included.
TEST_P(ReplayShapes, HoldsWhatTheModelHolds) {
  ReplayProperty replay(GetParam().environments, GetParam().rows_per_environment, 3);
  const ReplayView& view = replay.view();
  for (int step = 0; step < 150; ++step) {
    for (std::int64_t environment = 0; environment < view.environments; ++environment) {
      // Environments advance at different speeds.
      if (environment > 0 && replay.draw(3) == 0) continue;
      replay.step(environment);
      for (const auto& [number, transition] : replay.held(environment)) {
        ASSERT_EQ(replay.read(environment, number), transition)
            << "environment " << environment << " row " << number << " step " << step;
      }
    }
  }
}

// What can be drawn is what the model holds: nothing else, so nothing unwritten, nothing across an
// episode's end, and no open row.
TEST_P(ReplayShapes, DrawsOnlyWhatTheModelHolds) {
  ReplayProperty replay(GetParam().environments, GetParam().rows_per_environment, 4);
  const ReplayView& view = replay.view();
  std::uint32_t number = 0;
  for (int step = 0; step < 100; ++step) {
    for (std::int64_t environment = 0; environment < view.environments; ++environment) {
      if (environment == 0 || replay.draw(3) > 0) replay.step(environment);
    }
    for (int i = 0; i < 20; ++i) {
      const ReplayIndex index = replay.sample(number++);
      const ModelEnvironment held = replay.held(index.environment);
      const auto found = std::find_if(held.begin(), held.end(), [&](const ModelRow& row) {
        return row.number == index.number;
      });
      ASSERT_NE(found, held.end())
          << "environment " << index.environment << " row " << index.number;
      ASSERT_EQ(replay.read(index.environment, index.number), found->transition);
    }
  }
}

TEST_P(ReplayShapes, DrawsUniformlyOverEnvironmentsThatHoldDifferentNumbers) {
  ReplayProperty replay(GetParam().environments, GetParam().rows_per_environment, 5);
  const ReplayView& view = replay.view();
  // Environment k makes far fewer steps than environment 0; some wrap around, some do not.
  for (std::int64_t environment = 0; environment < view.environments; ++environment) {
    for (std::int64_t step = 0; step < 60 / (environment + 1) + 1; ++step) replay.step(environment);
  }
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> counts;
  for (std::int64_t environment = 0; environment < view.environments; ++environment) {
    for (const ModelRow& row : replay.held(environment)) counts[{environment, row.number}] = 0;
  }
  const std::size_t transitions = counts.size();
  const auto draws = static_cast<std::uint32_t>(1000 * transitions);
  for (std::uint32_t i = 0; i < draws; ++i) {
    const ReplayIndex index = replay.sample(i);
    ++counts[{index.environment, index.number}];
  }
  ASSERT_EQ(counts.size(), transitions) << "something was drawn that is not held";
  if (transitions == 1) return;
  std::vector<std::int64_t> bins;
  for (const auto& [place, count] : counts) bins.push_back(count);
  EXPECT_GT(test::chi_squared_test(bins), 1e-3);
}

TEST(Replay, ClosedRowsLeaveOutTheOpenOne) {
  ReplayProperty replay(1, 5, 6);
  EXPECT_EQ(closed_rows(replay.view(), 0), 0);
  replay.step(0);
  EXPECT_EQ(closed_rows(replay.view(), 0), replay.view().rows_written[0] - 1);
  for (int i = 0; i < 50; ++i) replay.step(0);
  EXPECT_EQ(closed_rows(replay.view(), 0), 4);
}

TEST(Replay, EndingWritesItsTrueLastObservationInARowOfItsOwn) {
  std::vector<float> rows(static_cast<std::size_t>(8 * replay_layout.floats()), unwritten);
  std::int64_t written = 0;
  const ReplayView view{rows.data(), &written, 1, 8, replay_layout};
  const float first[] = {1, 2, 3}, last[] = {4, 5, 6}, next_episode[] = {7, 8, 9};
  const float action[] = {0.5f, -0.5f};
  begin_episode(view, 0, first);
  EXPECT_EQ(row_kind(view, view.row(0, 0)), RowKind::open);
  append_transition(view, 0, action, 2.5f, RowKind::truncated, last);
  begin_episode(view, 0, next_episode);
  EXPECT_EQ(written, 3);
  EXPECT_EQ(row_kind(view, view.row(0, 0)), RowKind::truncated);
  EXPECT_EQ(row_kind(view, view.row(0, 1)), RowKind::last_observation);
  EXPECT_EQ(row_kind(view, view.row(0, 2)), RowKind::open);
  EXPECT_EQ(view.row(0, 1)[0], 4.0f);
  EXPECT_EQ(view.row(0, 2)[0], 7.0f);
  // Rows that were not reached are as they were.
  for (std::size_t i = 3 * static_cast<std::size_t>(replay_layout.floats()); i < rows.size(); ++i) {
    EXPECT_EQ(rows[i], unwritten);
  }
}

TEST(Replay, RowLayoutHasNoGaps) {
  EXPECT_EQ(replay_layout.action_offset(), 3);
  EXPECT_EQ(replay_layout.reward_offset(), 5);
  EXPECT_EQ(replay_layout.kind_offset(), 6);
  EXPECT_EQ(replay_layout.floats(), 7);
}

}  // namespace
}  // namespace polyak
