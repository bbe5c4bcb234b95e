// Results that are no numbers are failures that say where they were.
#include "backend/checks/finite_results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "io/policy_samples.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

using testing::StartsWith;
constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
const EnvironmentInfo pendulum_task = find_environment("Pendulum-v1");

template <class Function>
std::string failure(const Function& function) {
  try {
    function();
  } catch (const RunError& error) {
    return error.what();
  }
  return "";
}

TEST(FiniteReturns, NameTheFirstBadOneAndHowManyThereAre) {
  std::vector<float> returns = {-1.0f, 2.0f, 3.0f, 0.0f, 5.0f, -3e38f};
  EXPECT_NO_THROW(require_finite_returns(returns, 3));
  EXPECT_NO_THROW(require_finite_returns({}, 3));
  returns[5] = -infinity;
  returns[4] = not_a_number;
  EXPECT_THAT(failure([&] { require_finite_returns(returns, 3); }),
              StartsWith("the return of agent 1 from start state 1 is NaN or infinite"));
  EXPECT_THAT(failure([&] { require_finite_returns(returns, 3); }),
              testing::EndsWith("(2 of 6 returns)"));
  EXPECT_THAT(failure([&] { require_finite_returns(returns, 6); }),
              StartsWith("the return from start state 4 is NaN"));
}

/// Two episodes of at most three steps, the first of them of two.
Trajectories two_episodes() {
  Trajectories trajectories;
  trajectories.lengths = {2, 3};
  trajectories.states.assign(2 * 4 * 2, 0.0f);
  trajectories.actions.assign(2 * 3, 0.0f);
  trajectories.rewards.assign(2 * 3, 0.0f);
  trajectories.terminated = {1, 0};
  return trajectories;
}

struct BadValue {
  std::vector<float> Trajectories::*array;
  std::size_t index;
  const char* message;
};

TEST(FiniteTrajectories, NameEpisodeStepAndWhatItIs) {
  EXPECT_NO_THROW(require_finite(two_episodes(), pendulum_task, 3));
  const BadValue cases[] = {
      {&Trajectories::states, 1, "episode 0, step 0: the state is NaN"},
      {&Trajectories::states, 4, "episode 0, step 1: the next state is NaN"},
      {&Trajectories::states, 8, "episode 1, step 0: the state is NaN"},
      {&Trajectories::states, 15, "episode 1, step 2: the next state is NaN"},
      {&Trajectories::actions, 1, "episode 0, step 1: the action is NaN"},
      {&Trajectories::rewards, 5, "episode 1, step 2: the reward is NaN"},
  };
  for (const BadValue& bad : cases) {
    Trajectories trajectories = two_episodes();
    (trajectories.*bad.array)[bad.index] = not_a_number;
    EXPECT_THAT(failure([&] { require_finite(trajectories, pendulum_task, 3); }),
                StartsWith(bad.message));
  }
  // What an episode never reached was never computed.
  Trajectories ended = two_episodes();
  ended.rewards[2] = infinity;
  EXPECT_NO_THROW(require_finite(ended, pendulum_task, 3));
}

TEST(FiniteTransitions, NameTheRow) {
  TransitionResult result{{0.0f, 1.0f, 2.0f, 3.0f}, {-1.0f, -2.0f}, {0, 0}, std::vector<float>(6)};
  EXPECT_NO_THROW(require_finite(result, pendulum_task));
  result.next_states[3] = infinity;
  EXPECT_THAT(failure([&] { require_finite(result, pendulum_task); }),
              StartsWith("transition 1 (of 2, counted from 0): the next state is NaN or infinite"));
  result.rewards[0] = -infinity;
  EXPECT_THAT(failure([&] { require_finite(result, pendulum_task); }),
              StartsWith("transition 0 (of 2, counted from 0): the reward is"));
}

TEST(Simulator, FailsWhereAResultIsNoNumber) {
  const auto simulator = make_simulator(DeviceKind::cpu, {"Pendulum-v1", {10.0f}, 5, 1});
  const std::vector<float> starts = {1.0f, 0.0f, 3e38f, 0.0f}, action = {0.5f, 0.5f};
  const Policy policy = test::sample_policy();
  EXPECT_THAT(failure([&] { simulator->evaluate(policy, starts); }),
              StartsWith("the return from start state 1 "));
  EXPECT_THAT(failure([&] { simulator->rollout(policy, starts); }),
              StartsWith("episode 1, step 0: the reward"));
  EXPECT_THAT(failure([&] { simulator->step(starts, action); }), StartsWith("transition 1 "));
}

}  // namespace
}  // namespace polyak
