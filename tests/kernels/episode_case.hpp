// Episodes on the device, and the check of everything that was recorded of them.
#pragma once

#include "backend/backend.hpp"
#include "kernels/environment_case.hpp"
#include "kernels/episodes.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::test {

/// Of steps that depend on chance.
inline constexpr EpisodeRandom episode_random{9, 40};

struct Recording {
  std::vector<std::int32_t> lengths;
  std::vector<float> states, actions, rewards;
  std::vector<std::uint8_t> terminated;
  std::vector<float> returns;
};

template <Environment E>
std::vector<float> evaluate_policies(const kernels::Policies& policies, int agents,
                                     const std::vector<float>& starts, int time_limit,
                                     std::size_t first_episode = 0) {
  const std::vector<float> environment_parameters = EnvironmentCase<E>::parameter_values();
  const std::size_t count = starts.size() / E::state_size;
  const DeviceBuffer<float> start_states(starts);
  const DeviceBuffer<float> returns(static_cast<std::size_t>(agents) * count);
  finish(kernels::launch_evaluate_episodes(
      {{E::name, environment_parameters, time_limit},
       agents,
       static_cast<std::int64_t>(count),
       start_states.data(),
       policies,
       returns.data(),
       nullptr,
       episode_random.seed,
       episode_random.first_episode + static_cast<std::int64_t>(first_episode)},
      nullptr));
  return returns.download();
}

template <Environment E>
Recording record_policy(const kernels::Policies& policy, const std::vector<float>& starts,
                        int time_limit) {
  const std::vector<float> environment_parameters = EnvironmentCase<E>::parameter_values();
  const std::size_t count = starts.size() / E::state_size;
  const std::size_t steps = count * static_cast<std::size_t>(time_limit);
  const DeviceBuffer<float> start_states(starts), returns(count);
  const DeviceBuffer<std::int32_t> lengths(count);
  const DeviceBuffer<float> states((steps + count) * E::state_size);
  const DeviceBuffer<float> actions(steps * E::action_size), rewards(steps);
  const DeviceBuffer<std::uint8_t> terminated(count);
  const kernels::TrajectoryArrays arrays = {lengths.data(), states.data(), actions.data(),
                                            rewards.data(), terminated.data()};
  finish(kernels::launch_evaluate_episodes({{E::name, environment_parameters, time_limit},
                                            1,
                                            static_cast<std::int64_t>(count),
                                            start_states.data(),
                                            policy,
                                            returns.data(),
                                            &arrays,
                                            episode_random.seed,
                                            episode_random.first_episode},
                                           nullptr));
  return {lengths.download(), states.download(),     actions.download(),
          rewards.download(), terminated.download(), returns.download()};
}

/// Start states; those of the mountain car are close to the goal, so that some episodes end early.
template <Environment E>
std::vector<float> start_states(std::size_t count) {
  std::vector<float> starts = random_values(count * E::state_size, 8);
  if (E::name == MountainCarContinuous::name) {
    for (std::size_t i = 0; i < count; ++i) {
      starts[2 * i] = 0.3f + 0.2f * starts[2 * i];
      starts[2 * i + 1] = 0.05f * starts[2 * i + 1];
    }
  }
  return starts;
}

/// Checks each recorded step: the action against the policy on the host, the next state and the
/// reward against the environment on the CPU. begin_episode() gives a function of an observation
/// and the reward before it, whose result is the normalised action: a new one for every episode.
template <Environment E, class BeginEpisode>
void expect_consistent_steps(const BeginEpisode& begin_episode, const Recording& recording,
                             const std::vector<float>& starts, int time_limit) {
  const std::size_t count = starts.size() / E::state_size;
  for (std::size_t episode = 0; episode < count; ++episode) {
    const float* const states =
        &recording.states[episode * E::state_size * static_cast<std::size_t>(time_limit + 1)];
    ASSERT_TRUE(std::equal(states, states + E::state_size, &starts[episode * E::state_size]));
    const std::int32_t length = recording.lengths[episode];
    ASSERT_GE(length, 1);
    ASSERT_LE(length, time_limit);
    ASSERT_TRUE(length == time_limit || recording.terminated[episode] != 0);
    auto act = begin_episode();
    float reward = 0.0f;
    double episode_return = 0.0;
    for (std::int32_t step = 0; step < length; ++step) {
      const std::size_t at =
          episode * static_cast<std::size_t>(time_limit) + static_cast<std::size_t>(step);
      typename E::State state;
      std::memcpy(&state, states + step * E::state_size, sizeof(state));
      float observation[E::observation_size];
      E::observe(state, observation);
      const std::vector<double> normalised = act(observation, reward);
      for (int i = 0; i < E::action_size; ++i) {
        const auto d = static_cast<std::size_t>(i);
        ASSERT_NEAR(recording.actions[at * E::action_size + d],
                    action_offset<E>(i) + action_scale<E>(i) * normalised[d], 2e-5);
      }
      const auto expected = step_environment<E>(
          EnvironmentCase<E>::parameters(), state, &recording.actions[at * E::action_size],
          environment_random(PhiloxRandom{episode_random.seed},
                             episode_random.first_episode + static_cast<std::int64_t>(episode),
                             step, Purpose::evaluation_step));
      ASSERT_NEAR(recording.rewards[at], expected.reward, 1e-4);
      ASSERT_EQ(expected.terminated, step + 1 == length && recording.terminated[episode] != 0);
      float next[E::state_size];
      std::memcpy(next, &expected.next, sizeof(next));
      for (int d = 0; d < E::state_size; ++d) {
        ASSERT_NEAR(states[(step + 1) * E::state_size + d], next[d], 1e-5);
      }
      reward = recording.rewards[at];
      episode_return += static_cast<double>(reward);
    }
    ASSERT_EQ(recording.returns[episode], static_cast<float>(episode_return));
  }
}

}  // namespace polyak::test
