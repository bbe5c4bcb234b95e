// Recurrent policies in a simulator, against Policy::act.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

#include "agent/policy_parameters.hpp"
#include "backend/backend.hpp"
#include "support/configs.hpp"
#include "support/print_enums.hpp"

namespace polyak::test {

/// Two agents with cells whose reward scales differ.
inline Config two_recurrent_agents(PolicyKind kind) {
  Config config = small_config();
  config.environment = "Pendulum-V";
  config.time_limit = 7;
  config.agents = 2;
  config.policy = kind;
  config.recurrent_units = 17;
  config.sequence_length = 4;
  config.actor_hidden = {31};
  config.reward_scale = std::vector<float>{1.0f, 0.3f};
  return config;
}

/// The untrained policy of one of them.
inline Policy untrained_policy(const Config& config, int agent, bool normalised = false) {
  const std::vector<float> parameters = initial_state(config).actor.parameters;
  const auto stride = static_cast<std::size_t>(actor_layout(config).stride);
  const float mean[] = {0.1f}, scale[] = {1.5f};
  return unpack_policy(
      config, agent,
      std::span(parameters).subspan(static_cast<std::size_t>(agent) * stride, stride),
      normalised ? ObservationNormaliser{mean, scale} : ObservationNormaliser{nullptr, nullptr});
}

/// States [19, 2] of a pendulum.
inline std::vector<float> scattered_starts() {
  std::vector<float> starts;
  for (int i = 0; i < 19; ++i) {
    starts.push_back(static_cast<float>(i));
    starts.push_back(std::sin(static_cast<float>(i)));
  }
  return starts;
}

/// Whole episodes of a policy for Pendulum-V: every action, and the returns.
inline void expect_acts_as_the_policy(Simulator& simulator, const Policy& policy,
                                      std::size_t time_limit) {
  const std::vector<float> starts = scattered_starts();
  const std::size_t episodes = starts.size() / 2;
  const Trajectories trajectories = simulator.rollout(policy, starts);
  const std::vector<float> returns = simulator.evaluate(policy, starts);
  ASSERT_EQ(trajectories.actions.size(), episodes * time_limit);
  for (std::size_t episode = 0; episode < episodes; ++episode) {
    PolicyMemory memory;
    double episode_return = 0.0;
    for (std::size_t step = 0; step < time_limit; ++step) {
      const std::size_t at = episode * time_limit + step;
      const float speed = trajectories.states[2 * (at + episode) + 1];
      EXPECT_NEAR(trajectories.actions[at], policy.act({&speed, 1}, memory)[0], 2e-5f);
      memory.previous_reward = trajectories.rewards[at];
      episode_return += static_cast<double>(trajectories.rewards[at]);
    }
    EXPECT_EQ(returns[episode], static_cast<float>(episode_return));
  }
}

}  // namespace polyak::test
