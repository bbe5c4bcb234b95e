#include "polyak/environment/mountain_car_continuous.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/reference_data.hpp"
#include "support/statistics.hpp"

namespace polyak {
namespace {

constexpr MountainCarContinuous::Parameters gymnasium{0.0f};

// Each step starts from the recorded state, which Gymnasium rounds to float32 after every step, so
// a correct step differs by the rounding of its few operations.
TEST(MountainCarContinuous, StepsAsGymnasiumFromEveryRecordedState) {
  constexpr double position_tolerance = 2e-7, velocity_tolerance = 2e-8;
  const auto trajectories = test::mountain_car_trajectories();
  ASSERT_EQ(trajectories.size(), 10u);
  for (const test::RecordedTrajectory& recorded : trajectories) {
    for (std::size_t t = 0; t < recorded.steps(); ++t) {
      const MountainCarContinuous::State state{static_cast<float>(recorded.first_state[t]),
                                               static_cast<float>(recorded.second_state[t])};
      const float force = static_cast<float>(recorded.actions[t]);
      const auto result = MountainCarContinuous::step(gymnasium, state, &force);
      SCOPED_TRACE(recorded.name + ", step " + std::to_string(t));
      ASSERT_NEAR(static_cast<double>(result.next.position), recorded.first_state[t + 1],
                  position_tolerance);
      ASSERT_NEAR(static_cast<double>(result.next.velocity), recorded.second_state[t + 1],
                  velocity_tolerance);
      ASSERT_NEAR(static_cast<double>(result.reward), recorded.rewards[t], 1e-5);
      ASSERT_EQ(result.terminated, recorded.terminated && t + 1 == recorded.steps());
    }
  }
}

// What the recordings must contain for the test above to mean something.
TEST(MountainCarContinuous, RecordingsReachGoalWallAndTimeLimit) {
  bool goal = false, wall = false, limit = false, out_of_range = false;
  for (const test::RecordedTrajectory& recorded : test::mountain_car_trajectories()) {
    goal |= recorded.terminated;
    limit |= recorded.truncated &&
             recorded.steps() == static_cast<std::size_t>(MountainCarContinuous::time_limit);
    for (const double position : recorded.first_state) wall |= position < -1.1999;
    for (const double action : recorded.actions) out_of_range |= action > 1.5;
  }
  EXPECT_TRUE(goal && wall && limit && out_of_range);
}

TEST(MountainCarContinuous, GoalNeedsTheGivenVelocity) {
  const float force = 0.0f;
  const MountainCarContinuous::State before_goal{0.44f, 0.02f};
  EXPECT_TRUE(MountainCarContinuous::step({0.0f}, before_goal, &force).terminated);
  EXPECT_FALSE(MountainCarContinuous::step({0.05f}, before_goal, &force).terminated);
}

TEST(MountainCarContinuous, ObservesItsState) {
  float observation[2];
  MountainCarContinuous::observe({-0.5f, 0.03f}, observation);
  EXPECT_EQ(observation[0], -0.5f);
  EXPECT_EQ(observation[1], 0.03f);
}

TEST(MountainCarContinuous, ResetIsUniformAndAtRest) {
  const PhiloxRandom random{12};
  std::vector<float> positions;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const auto state =
        MountainCarContinuous::reset(gymnasium, random(i, 0, Purpose::environment_reset));
    ASSERT_GE(state.position, -0.6f);
    ASSERT_LT(state.position, -0.4f);
    ASSERT_EQ(state.velocity, 0.0f);
    positions.push_back(state.position);
  }
  EXPECT_GT(test::kolmogorov_smirnov_test(positions, [](double x) { return (x + 0.6) / 0.2; }),
            1e-3);
}

}  // namespace
}  // namespace polyak
