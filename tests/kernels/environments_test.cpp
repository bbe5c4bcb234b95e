#include "kernels/environments.hpp"

#include "kernels/environment_case.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::test {
namespace {

/// One step's worth of rounding in float32: the GPU contracts multiplications and additions and has
/// its own sine.
constexpr double one_step_error = 1e-4;

template <class T>
void expect_near(const std::vector<T>& values, const std::vector<T>& expected, const char* what) {
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_NEAR(values[i], expected[i], one_step_error) << what << ' ' << i;
  }
}

template <class E>
class EnvironmentsTest : public testing::Test {};
TYPED_TEST_SUITE(EnvironmentsTest, EveryEnvironment, EnvironmentNames);

template <Environment E>
void expect_step_matches(const DeviceEnvironments<E>& device, const EnvironmentCase<E>& host) {
  const EnvironmentsState result = device.download();
  const EnvironmentsState& expected = host.state;
  EXPECT_EQ(result.episode_steps, expected.episode_steps);
  EXPECT_EQ(result.rows_written, expected.rows_written);
  expect_near(result.states, expected.states, "state");
  expect_near(result.noise, expected.noise, "noise");
  expect_near(result.returns, expected.returns, "return");
  expect_near(result.rows, expected.rows, "replay");
  for (std::size_t i = 0; i < expected.totals.size(); ++i) {
    EXPECT_EQ(result.totals[i].episodes, expected.totals[i].episodes);
    EXPECT_EQ(result.totals[i].steps, expected.totals[i].steps);
    EXPECT_EQ(result.totals[i].saturated_actions, expected.totals[i].saturated_actions);
    EXPECT_NEAR(result.totals[i].return_sum, expected.totals[i].return_sum, one_step_error);
  }
}

template <Environment E>
std::vector<float> observations_of(const std::vector<float>& states) {
  std::vector<float> result;
  for (std::size_t at = 0; at < states.size(); at += E::state_size) {
    typename E::State state;
    std::memcpy(&state, &states[at], sizeof(state));
    float observation[E::observation_size];
    E::observe(state, observation);
    result.insert(result.end(), observation, observation + E::observation_size);
  }
  return result;
}

/// Every step starts from the host's state, so errors do not accumulate.
TYPED_TEST(EnvironmentsTest, VectorStepMatchesTheCpu) {
  for (const std::int64_t environments : {1, 31, 33, 131}) {
    for (const Exploration kind : {Exploration::gaussian, Exploration::ornstein_uhlenbeck}) {
      EnvironmentCase<TypeParam> host(3, environments);
      for (std::int64_t step = 0; step < 10; ++step) {
        const bool warmup = step < 2;
        const std::vector<float> actions =
            random_values(host.state.noise.size(), static_cast<unsigned>(step));
        DeviceEnvironments<TypeParam> device(host);
        device.vector_step(kind, warmup, step, actions);
        host.step_on_host(kind, warmup, step, actions);
        expect_step_matches(device, host);
        expect_near(device.observations(), observations_of<TypeParam>(host.state.states),
                    "observation");
        const std::int64_t written =
            *std::max_element(host.state.rows_written.begin(), host.state.rows_written.end());
        const std::int64_t most =
            std::min(written, EnvironmentCase<TypeParam>::rows_per_environment) - 1;
        EXPECT_EQ(device.max_closed_rows(), std::vector<std::int64_t>(3, most));
        if (this->HasFatalFailure()) return;
      }
      EXPECT_GT(host.state.totals[0].episodes, 1) << "episodes must end within this test";
    }
  }
}

// In the first warp and later ones, in the first block and the second; and of one agent alone.
TYPED_TEST(EnvironmentsTest, AnyEnvironmentMayBeTheFullest) {
  constexpr std::int64_t environments = 131;
  for (const std::size_t fullest : {0, 31, 32, 96, 127, 128, 130}) {
    EnvironmentCase<TypeParam> host(2, environments);
    // No episode ends, which would take a row more.
    std::fill(host.state.episode_steps.begin(), host.state.episode_steps.end(), 0);
    host.state.rows_written[environments + fullest] = 3;
    DeviceEnvironments<TypeParam> device(host);
    device.vector_step(Exploration::gaussian, true, 0, {});
    EXPECT_EQ(device.max_closed_rows(), (std::vector<std::int64_t>{1, 3})) << fullest;
  }
}

TYPED_TEST(EnvironmentsTest, ChooseActionsMatchesTheCpu) {
  constexpr int action_size = TypeParam::action_size;
  for (const bool warmup : {false, true}) {
    EnvironmentCase<TypeParam> host(2, 33);
    const std::vector<float> policy_action = random_values(host.state.noise.size(), 1);
    DeviceEnvironments<TypeParam> device(host);
    const std::vector<float> result =
        device.choose_actions(Exploration::ornstein_uhlenbeck, warmup, 9, policy_action);
    std::vector<float> expected(policy_action.size());
    for (int agent = 0; agent < 2; ++agent) {
      for (std::int64_t environment = 0; environment < 33; ++environment) {
        const auto at = static_cast<std::size_t>((agent * 33 + environment) * action_size);
        choose_action(host.settings(agent, Exploration::ornstein_uhlenbeck, warmup),
                      &policy_action[at], environment, 9, host.random(agent), &host.state.noise[at],
                      &expected[at]);
      }
    }
    // Uniform actions are exact: the same bits of Philox, scaled without rounding.
    if (warmup) {
      EXPECT_TRUE(same_bits(result, expected));
    } else {
      expect_near(result, expected, "action");
    }
    expect_near(device.download().noise, host.state.noise, "noise");
  }
}

TYPED_TEST(EnvironmentsTest, StepEnvironmentsMatchesTheCpu) {
  constexpr int steps = 3;
  constexpr std::int64_t first_step = 12;
  EnvironmentCase<TypeParam> host(2, 33);
  const std::vector<float> actions = random_values(host.state.noise.size(), 1);
  DeviceEnvironments<TypeParam> device(host);
  device.step_environments(steps, first_step, actions);
  for (std::size_t i = 0; i < host.state.returns.size(); ++i) {
    typename TypeParam::State state;
    float* const stored = &host.state.states[i * TypeParam::state_size];
    std::memcpy(&state, stored, sizeof(state));
    for (int step = 0; step < steps; ++step) {
      const auto result = step_normalised<TypeParam>(
          host.parameters(), state, &actions[i * TypeParam::action_size],
          environment_random(host.random(static_cast<int>(i / 33)),
                             static_cast<std::int64_t>(i % 33), first_step + step,
                             Purpose::environment_step));
      state = result.next;
      host.state.returns[i] += static_cast<double>(result.reward);
    }
    std::memcpy(stored, &state, sizeof(state));
  }
  const EnvironmentsState result = device.download();
  expect_near(result.states, host.state.states, "state");
  expect_near(result.returns, host.state.returns, "return");
  EXPECT_EQ(result.rows_written, host.state.rows_written) << "nothing may be stored";
}

TYPED_TEST(EnvironmentsTest, ObserveMatchesTheCpu) {
  const EnvironmentCase<TypeParam> host(3, 65);
  DeviceEnvironments<TypeParam> device(host);
  device.observe();
  expect_near(device.observations(), observations_of<TypeParam>(host.state.states), "observation");
}

TYPED_TEST(EnvironmentsTest, AgentsDoNotDependOnEachOther) {
  const EnvironmentCase<TypeParam> three(3, 33), one(1, 33);  // agent 0 is the same in both
  const std::vector<float> actions = random_values(three.state.noise.size(), 1);
  const std::vector<float> own(actions.begin(), actions.begin() + 33 * TypeParam::action_size);
  DeviceEnvironments<TypeParam> together(three), alone(one);
  for (std::int64_t step = 0; step < 6; ++step) {
    together.vector_step(Exploration::gaussian, false, step, actions);
    alone.vector_step(Exploration::gaussian, false, step, own);
  }
  std::vector<float> rows = together.download().rows;
  const std::vector<float> own_rows = alone.download().rows;
  rows.resize(own_rows.size());
  EXPECT_TRUE(same_bits(rows, own_rows));
}

TYPED_TEST(EnvironmentsTest, ThreadOrderDoesNotMatter) {
  const EnvironmentCase<TypeParam> host(2, 65);
  const std::vector<float> actions = random_values(host.state.noise.size(), 1);
  same_bits_in_every_order([&] {
    DeviceEnvironments<TypeParam> device(host);
    for (std::int64_t step = 0; step < 5; ++step) {
      device.vector_step(Exploration::gaussian, false, step, actions);
    }
    return device.download().rows;
  });
}

TEST(EnvironmentLaunchers, RefuseUnknownEnvironmentsAndMissingParameters) {
  kernels::VectorStep arguments{};
  arguments.environment.name = "Pendulum-v9";
  EXPECT_THROW(kernels::launch_vector_step(arguments, nullptr), UsageError);
  arguments.environment.name = Pendulum::name;
  EXPECT_EQ(kernels::launch_vector_step(arguments, nullptr), cudaErrorInvalidValue);
}

}  // namespace
}  // namespace polyak::test
