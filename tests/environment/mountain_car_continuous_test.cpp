#include "polyak/environment/mountain_car_continuous.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/reference_data.hpp"
#include "support/statistics.hpp"

namespace polyak {
namespace {

constexpr MountainCarContinuous::Parameters gymnasium_goal{0.0f};

// What the recordings must contain to mean something.
TEST(MountainCarContinuous, RecordingsReachGoalWallAndTimeLimit) {
  bool goal = false, wall = false, limit = false, out_of_range = false;
  for (const test::RecordedTrajectory& recorded :
       test::recordings_of("MountainCarContinuous-v0").trajectories) {
    goal |= recorded.terminated;
    limit |= recorded.truncated &&
             recorded.steps() == static_cast<std::size_t>(MountainCarContinuous::time_limit);
    for (const std::vector<double>& state : recorded.states) wall |= state[0] < -1.1999;
    for (const std::vector<double>& action : recorded.actions) out_of_range |= action[0] > 1.5;
  }
  EXPECT_TRUE(goal && wall && limit && out_of_range);
}

TEST(MountainCarContinuous, GoalNeedsTheGivenVelocity) {
  const float force = 0.0f;
  const MountainCarContinuous::State before_goal{0.44f, 0.02f};
  EXPECT_TRUE(MountainCarContinuous::step({0.0f}, before_goal, &force).terminated);
  EXPECT_FALSE(MountainCarContinuous::step({0.05f}, before_goal, &force).terminated);
}

TEST(MountainCarContinuous, ResetIsUniformAndAtRest) {
  const PhiloxRandom random{12};
  std::vector<float> positions;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const auto state = MountainCarContinuous::reset(
        gymnasium_goal, environment_random(random, i, 0, Purpose::environment_reset));
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
