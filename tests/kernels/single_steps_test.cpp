#include "kernels/single_steps.hpp"

#include "kernels/environment_case.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::test {
namespace {

template <class E>
class SingleStepsTest : public testing::Test {};
TYPED_TEST_SUITE(SingleStepsTest, EveryEnvironment, EnvironmentNames);

/// A step from the host's copy of a state, with actions beyond the bounds too.
TYPED_TEST(SingleStepsTest, MatchesTheCpu) {
  using E = TypeParam;
  constexpr std::uint64_t seed = 5;
  for (const std::size_t count : {0u, 1u, 31u, 33u, 1023u}) {
    std::vector<float> states = random_values(count * E::state_size, 1);
    std::vector<float> actions = random_values(count * E::action_size, 2);
    for (float& action : actions) action *= 3.0f;
    const std::vector<float> parameters = EnvironmentCase<E>::parameter_values();
    const DeviceBuffer<float> state_buffer(states), action_buffer(actions), next(states.size()),
        rewards(count), observations(count * E::observation_size);
    const DeviceBuffer<std::uint8_t> terminated(count);
    finish(kernels::launch_single_steps({{E::name, parameters, 1},
                                         static_cast<std::int64_t>(count),
                                         state_buffer.data(),
                                         action_buffer.data(),
                                         next.data(),
                                         rewards.data(),
                                         terminated.data(),
                                         observations.data(),
                                         seed},
                                        nullptr));
    const std::vector<float> next_states = next.download(), all_rewards = rewards.download(),
                             all_observations = observations.download();
    const std::vector<std::uint8_t> flags = terminated.download();
    for (std::size_t i = 0; i < count; ++i) {
      typename E::State state;
      std::memcpy(&state, &states[i * E::state_size], sizeof(state));
      const auto result =
          step_environment<E>(EnvironmentCase<E>::parameters(), state, &actions[i * E::action_size],
                              environment_random(PhiloxRandom{seed}, static_cast<std::int64_t>(i),
                                                 0, Purpose::evaluation_step));
      float next_state[E::state_size], observation[E::observation_size];
      std::memcpy(next_state, &result.next, sizeof(next_state));
      E::observe(result.next, observation);
      for (std::size_t d = 0; d < E::state_size; ++d) {
        ASSERT_NEAR(next_states[i * E::state_size + d], next_state[d], 1e-5);
      }
      for (std::size_t d = 0; d < E::observation_size; ++d) {
        ASSERT_NEAR(all_observations[i * E::observation_size + d], observation[d], 1e-5);
      }
      ASSERT_NEAR(all_rewards[i], result.reward, 1e-4);
      ASSERT_EQ(flags[i] != 0, result.terminated);
    }
  }
}

}  // namespace
}  // namespace polyak::test
