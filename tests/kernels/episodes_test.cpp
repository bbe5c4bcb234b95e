#include "kernels/episode_case.hpp"

namespace polyak::test {
namespace {

/// Multilayer perceptrons of several agents with the observation and action sizes of E.
template <Environment E>
class PolicyCase {
 public:
  PolicyCase(int agents, const std::vector<int>& hidden, Activation activation, float scale,
             bool layer_norm = false)
      : agents_(agents) {
    std::int64_t offset = 0;
    int width = E::observation_size;
    const auto add_layer = [&](int outputs, Activation layer_activation) {
      const std::int64_t bias = offset + static_cast<std::int64_t>(width) * outputs + 1;
      layers_.push_back({width, outputs, offset, bias, layer_activation});
      offset = bias + outputs + 2;
      width = outputs;
    };
    for (const int outputs : hidden) {
      add_layer(outputs, activation);
      if (!layer_norm) continue;
      layers_.back().layer_norm = true;
      layers_.back().norm_weight_offset = offset;
      layers_.back().norm_bias_offset = offset + outputs + 1;
      offset += 2 * outputs + 3;
    }
    add_layer(E::action_size, Activation::tanh);
    stride_ = offset;
    parameters_ = random_values(static_cast<std::size_t>(agents * stride_), 3);
    for (float& value : parameters_) value *= scale;
  }

  kernels::Policies policies(const DeviceBuffer<float>& parameters, int first_agent = 0) const {
    kernels::Policies result{};
    result.layer_count = static_cast<int>(layers_.size());
    std::copy(layers_.begin(), layers_.end(), result.layers.begin());
    result.parameters = parameters.data() + first_agent * stride_;
    result.agent_stride = stride_;
    return result;
  }

  /// The normalised action in double precision.
  std::vector<double> act(int agent, const float* observation) const {
    std::vector<double> values(observation, observation + E::observation_size);
    const float* const parameters = &parameters_[static_cast<std::size_t>(agent * stride_)];
    for (const kernels::PolicyLayer& layer : layers_) {
      std::vector<double> next;
      for (int output = 0; output < layer.outputs; ++output) {
        double sum = parameters[layer.bias_offset + output];
        for (int i = 0; i < layer.inputs; ++i) {
          sum += static_cast<double>(parameters[layer.weight_offset + output * layer.inputs + i]) *
                 values[static_cast<std::size_t>(i)];
        }
        next.push_back(sum);
      }
      if (layer.layer_norm) normalise(layer, parameters, next);
      for (double& value : next) value = activated(layer.activation, value);
      values = next;
    }
    return values;
  }

  static double activated(Activation activation, double sum) {
    return activation == Activation::tanh               ? std::tanh(sum)
           : activation == Activation::relu             ? std::max(sum, 0.0)
           : activation == Activation::elu && sum < 0.0 ? std::expm1(sum)
                                                        : sum;
  }

  static void normalise(const kernels::PolicyLayer& layer, const float* parameters,
                        std::vector<double>& values) {
    const double n = static_cast<double>(values.size());
    double mean = 0.0, variance = 0.0;
    for (const double value : values) mean += value / n;
    for (const double value : values) variance += (value - mean) * (value - mean) / n;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      values[i] = static_cast<double>(parameters[layer.norm_weight_offset + at]) *
                      (values[i] - mean) / std::sqrt(variance + 1e-5) +
                  static_cast<double>(parameters[layer.norm_bias_offset + at]);
    }
  }

  int agents() const { return agents_; }
  const std::vector<float>& parameters() const { return parameters_; }

 private:
  int agents_;
  std::vector<kernels::PolicyLayer> layers_;
  std::int64_t stride_ = 0;
  std::vector<float> parameters_;
};

template <Environment E>
std::vector<float> evaluate(const PolicyCase<E>& policy, int first_agent, int agents,
                            const std::vector<float>& starts, int time_limit,
                            std::size_t first_episode = 0) {
  const DeviceBuffer<float> parameters(policy.parameters());
  return evaluate_policies<E>(policy.policies(parameters, first_agent), agents, starts, time_limit,
                              first_episode);
}

template <Environment E>
Recording record(const PolicyCase<E>& policy, const std::vector<float>& starts, int time_limit) {
  const DeviceBuffer<float> parameters(policy.parameters());
  return record_policy<E>(policy.policies(parameters), starts, time_limit);
}

/// Each recorded step by itself against the policy in double precision.
template <Environment E>
void expect_consistent(const PolicyCase<E>& policy, const Recording& recording,
                       const std::vector<float>& starts, int time_limit) {
  const auto begin_episode = [&] {
    return [&](const float* observation, float) { return policy.act(0, observation); };
  };
  expect_consistent_steps<E>(begin_episode, recording, starts, time_limit);
}

template <class E>
class EpisodesTest : public testing::Test {};
TYPED_TEST_SUITE(EpisodesTest, EveryEnvironment, EnvironmentNames);

TYPED_TEST(EpisodesTest, EveryRecordedStepIsRight) {
  constexpr int time_limit = 20;
  for (const std::vector<int>& hidden :
       {std::vector<int>{}, std::vector<int>{1}, std::vector<int>{31, 65}, std::vector<int>{64, 64},
        std::vector<int>{300}, std::vector<int>{33, 1023, 7}}) {
    const float scale = 0.3f;
    const PolicyCase<TypeParam> policy(1, hidden, Activation::relu, scale);
    for (const std::size_t count : {1u, 17u}) {
      const std::vector<float> starts = start_states<TypeParam>(count);
      const Recording recording = record(policy, starts, time_limit);
      expect_consistent(policy, recording, starts, time_limit);
      if (this->HasFatalFailure()) return;
      EXPECT_TRUE(same_bits(evaluate(policy, 0, 1, starts, time_limit), recording.returns));
    }
  }
}

TYPED_TEST(EpisodesTest, EveryActivationIsRight) {
  for (const Activation activation : {Activation::tanh, Activation::elu, Activation::identity}) {
    const PolicyCase<TypeParam> policy(1, {33}, activation, 0.5f);
    const std::vector<float> starts = start_states<TypeParam>(5);
    expect_consistent(policy, record(policy, starts, 5), starts, 5);
  }
}

TYPED_TEST(EpisodesTest, NormalisedLayersAreRight) {
  for (const std::vector<int>& hidden : {std::vector<int>{7}, {33, 65}, {3, 600}}) {
    const PolicyCase<TypeParam> policy(1, hidden, Activation::tanh, 1.0f, true);
    const std::vector<float> starts = start_states<TypeParam>(17);
    expect_consistent(policy, record(policy, starts, 5), starts, 5);
  }
}

TYPED_TEST(EpisodesTest, WhatComesAfterAnEpisodesEndIsLeftAlone) {
  constexpr int time_limit = 40;
  const PolicyCase<TypeParam> policy(1, {31}, Activation::relu, 1.0f);
  const Recording recording = record(policy, start_states<TypeParam>(33), time_limit);
  for (std::size_t episode = 0; episode < 33; ++episode) {
    for (int step = recording.lengths[episode]; step < time_limit; ++step) {
      const std::size_t at = episode * time_limit + static_cast<std::size_t>(step);
      EXPECT_TRUE(std::isnan(recording.rewards[at]));
      EXPECT_TRUE(std::isnan(recording.states[(at + episode + 1) * TypeParam::state_size]));
    }
  }
}

TEST(EpisodesKernel, MountainCarEndsSomeEpisodesEarly) {
  const PolicyCase<MountainCarContinuous> policy(1, {31}, Activation::relu, 1.0f);
  const Recording recording = record(policy, start_states<MountainCarContinuous>(33), 40);
  const auto ended = std::count(recording.terminated.begin(), recording.terminated.end(), 1);
  EXPECT_GT(ended, 0);
  EXPECT_LT(ended, 33);
}

TYPED_TEST(EpisodesTest, NeitherOtherAgentsNorOtherStartsMatter) {
  const PolicyCase<TypeParam> policy(3, {65, 31}, Activation::tanh, 0.5f);
  const std::vector<float> starts = start_states<TypeParam>(33);
  const std::vector<float> together = evaluate(policy, 0, 3, starts, 10);
  std::vector<float> alone;
  for (int agent = 0; agent < 3; ++agent) {
    const std::vector<float> returns = evaluate(policy, agent, 1, starts, 10);
    alone.insert(alone.end(), returns.begin(), returns.end());
  }
  EXPECT_TRUE(same_bits(together, alone));
  const std::vector<float> last_start(starts.end() - TypeParam::state_size, starts.end());
  EXPECT_EQ(evaluate(policy, 2, 1, last_start, 10, 32)[0], together.back());
}

TYPED_TEST(EpisodesTest, ThreadOrderDoesNotMatter) {
  const PolicyCase<TypeParam> policy(2, {33}, Activation::elu, 0.5f);
  const std::vector<float> starts = start_states<TypeParam>(17);
  same_bits_in_every_order([&] { return evaluate(policy, 0, 2, starts, 10); });
}

TEST(EpisodesKernel, RefusesWhatDoesNotFit) {
  const std::vector<float> parameters = EnvironmentCase<Pendulum>::parameter_values();
  kernels::EvaluateEpisodes arguments{};
  arguments.environment = {Pendulum::name, parameters, 10};
  arguments.agents = 1;
  kernels::Policies& policies = arguments.policies;
  EXPECT_EQ(kernels::launch_evaluate_episodes(arguments, nullptr), cudaErrorInvalidValue)
      << "no layers";
  policies.layer_count = 2;
  policies.layers[0] = {3, 1025, 0, 0, Activation::relu};
  policies.layers[1] = {1025, 1, 0, 0, Activation::tanh};
  EXPECT_EQ(kernels::launch_evaluate_episodes(arguments, nullptr), cudaErrorInvalidValue)
      << "too wide";
  policies.layers[0].outputs = policies.layers[1].inputs = 8;
  EXPECT_EQ(kernels::launch_evaluate_episodes(arguments, nullptr), cudaSuccess) << "fits";
  policies.layers[0].inputs = 2;
  EXPECT_EQ(kernels::launch_evaluate_episodes(arguments, nullptr), cudaErrorInvalidValue)
      << "another observation";
  policies.layers[0].inputs = 3;
  const kernels::TrajectoryArrays trajectories{};
  arguments.trajectories = &trajectories;
  arguments.agents = 2;
  EXPECT_EQ(kernels::launch_evaluate_episodes(arguments, nullptr), cudaErrorInvalidValue)
      << "a recording of two agents";
}

}  // namespace
}  // namespace polyak::test
