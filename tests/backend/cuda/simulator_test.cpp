// Single steps and rollouts on the GPU: the CPU's bits.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>

#include "agent/policy_parameters.hpp"
#include "backend/cpu/cpu_backend.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "config/derived.hpp"
#include "polyak/environment/registry.hpp"
#include "support/configs.hpp"
#include "support/every_environment.hpp"

namespace polyak {
namespace {

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (const EnvironmentInfo& info : all_environments()) names.emplace_back(info.name);
  return names;
}

/// Both devices with one environment, and an untrained policy for it.
class CudaSimulator : public testing::TestWithParam<std::tuple<std::string, bool>> {
 protected:
  CudaSimulator() {
    Config config = test::small_config();
    config.environment = std::get<0>(GetParam());
    config.layer_norm = std::get<1>(GetParam());
    config.actor_hidden = {31, 65};
    const SimulatorConfig simulator{config.environment, environment_parameter_values(config), 37, 1,
                                    6};
    environment = find_environment(config.environment);
    std::vector<float> mean, scale;
    for (int i = 0; i < environment.observation_size; ++i) {
      mean.push_back(0.2f * static_cast<float>(i % 3) - 0.1f);
      scale.push_back(0.5f + static_cast<float>(i % 2));
    }
    policy = unpack_policy(config, 0, initial_state(config).actor.parameters,
                           {mean.data(), scale.data()});
    cpu = make_cpu_simulator(simulator);
    gpu = make_cuda_simulator(simulator);
  }

  /// `count` states that differ; the last one is about to reach the car's goal.
  std::vector<float> states(int count) const {
    std::vector<float> values;
    for (int i = 0; i < count; ++i) {
      const float x = static_cast<float>(i);
      values.push_back(i + 1 == count ? 0.44f : 0.5f * std::sin(x));
      values.push_back(i + 1 == count ? 0.06f : 0.05f * std::cos(x));
      values.resize(static_cast<std::size_t>((i + 1) * environment.state_size), 0.1f);
    }
    return values;
  }

  EnvironmentInfo environment{};
  Policy policy;
  std::unique_ptr<Simulator> cpu, gpu;
};
INSTANTIATE_TEST_SUITE_P(Environments, CudaSimulator,
                         testing::Combine(testing::ValuesIn(environment_names()), testing::Bool()),
                         [](const auto& instance) {
                           return test::name_in_tests(std::get<0>(instance.param)) +
                                  (std::get<1>(instance.param) ? "LayerNorm" : "");
                         });

TEST_P(CudaSimulator, SingleStepsHaveTheCpusBits) {
  for (const int count : {1, 33, 1023}) {
    std::vector<float> actions;
    for (int i = 0; i < count * environment.action_size; ++i) {
      actions.push_back(3.0f * std::sin(static_cast<float>(i)));
    }
    const TransitionResult expected = cpu->step(states(count), actions);
    const TransitionResult actual = gpu->step(states(count), actions);
    EXPECT_EQ(expected.next_states, actual.next_states);
    EXPECT_EQ(expected.rewards, actual.rewards);
    EXPECT_EQ(expected.observations, actual.observations);
    EXPECT_EQ(expected.terminated, actual.terminated);
  }
}

TEST_P(CudaSimulator, RolloutsHaveTheCpusBits) {
  for (const int count : {1, 7, 65}) {
    const Trajectories expected = cpu->rollout(policy, states(count));
    const Trajectories actual = gpu->rollout(policy, states(count));
    EXPECT_EQ(expected.lengths, actual.lengths);
    EXPECT_EQ(expected.terminated, actual.terminated);
    EXPECT_EQ(expected.states, actual.states);
    EXPECT_EQ(expected.actions, actual.actions);
    EXPECT_EQ(expected.rewards, actual.rewards);
  }
}

TEST_P(CudaSimulator, ReturnsHaveTheCpusBits) {
  EXPECT_EQ(cpu->evaluate(policy, states(31)), gpu->evaluate(policy, states(31)));
}

TEST_P(CudaSimulator, NothingInNothingOut) {
  EXPECT_TRUE(gpu->step({}, {}).rewards.empty());
  EXPECT_TRUE(gpu->rollout(policy, {}).lengths.empty());
  EXPECT_TRUE(gpu->evaluate(policy, {}).empty());
}

}  // namespace
}  // namespace polyak
