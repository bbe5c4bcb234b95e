// Rollouts and returns of recurrent policies on the GPU, as loaded from a file, against
// Policy::act.
#include <gtest/gtest.h>

#include <cmath>

#include "agent/policy_parameters.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "polyak/environment/registry.hpp"
#include "support/configs.hpp"

namespace polyak {
namespace {

constexpr int time_limit = 7;

/// The policy of a population's second agent, whose reward scale is not the first's.
Policy untrained_policy(PolicyKind kind, bool normalised) {
  Config config = test::small_config();
  config.environment = "Pendulum-V";
  config.agents = 2;
  config.policy = kind;
  config.recurrent_units = 17;
  config.actor_hidden = {31};
  config.reward_scale = std::vector<float>{1.0f, 0.3f};
  const std::vector<float> parameters = initial_state(config).actor.parameters;
  const auto stride = static_cast<std::size_t>(actor_layout(config).stride);
  const float mean[] = {0.1f}, scale[] = {1.5f};
  return unpack_policy(
      config, 1, std::span(parameters).subspan(stride),
      normalised ? ObservationNormaliser{mean, scale} : ObservationNormaliser{nullptr, nullptr});
}

class RecurrentCudaSimulator : public testing::TestWithParam<std::tuple<PolicyKind, bool>> {
 protected:
  const Policy policy = untrained_policy(std::get<0>(GetParam()), std::get<1>(GetParam()));
  const std::unique_ptr<Simulator> gpu = make_cuda_simulator(
      {policy.environment, policy.environment_parameters, time_limit, /*threads=*/1});
};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentCudaSimulator,
                         testing::Combine(testing::Values(PolicyKind::lstm, PolicyKind::gru),
                                          testing::Bool()));

TEST_P(RecurrentCudaSimulator, ActsAsThePolicyDoes) {
  std::vector<float> starts;
  for (int i = 0; i < 19; ++i) {
    starts.push_back(static_cast<float>(i));
    starts.push_back(std::sin(static_cast<float>(i)));
  }
  const Trajectories trajectories = gpu->rollout(policy, starts);
  const std::vector<float> returns = gpu->evaluate(policy, starts);
  ASSERT_EQ(trajectories.actions.size(), 19u * time_limit);
  for (std::size_t episode = 0; episode < 19; ++episode) {
    PolicyMemory memory;
    float episode_return = 0.0f;
    for (std::size_t step = 0; step < time_limit; ++step) {
      const std::size_t at = episode * time_limit + step;
      const float speed = trajectories.states[2 * (at + episode) + 1];
      EXPECT_NEAR(trajectories.actions[at], policy.act({&speed, 1}, memory)[0], 2e-5f);
      memory.previous_reward = trajectories.rewards[at];
      episode_return += trajectories.rewards[at];
    }
    EXPECT_EQ(returns[episode], episode_return);
  }
}

}  // namespace
}  // namespace polyak
