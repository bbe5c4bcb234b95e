// Policies for the tests of files and commands.
#pragma once

#include "polyak/core/random.hpp"
#include "polyak/policy.hpp"

namespace polyak::test {

/// Random values U(-1, 1), never the same twice.
class SampleValues {
 public:
  std::vector<float> operator()(int count) {
    std::vector<float> result;
    for (int i = 0; i < count; ++i) {
      const RandomBits bits = random_(drawn_++, 0, Purpose::parameter_initialisation);
      result.push_back(uniform_between(-1.0f, 1.0f, bits.x));
    }
    return result;
  }

 private:
  PhiloxRandom random_{11};
  std::uint32_t drawn_ = 0;
};

/// A policy for Pendulum-v1 with random values and layers of 3, 5 and 1 units.
inline Policy sample_policy() {
  SampleValues values;
  Policy policy;
  policy.environment = "Pendulum-v1";
  policy.environment_parameters = {9.81f};
  policy.layers.push_back({3, 5, Activation::elu, values(15), values(5)});
  policy.layers.push_back({5, 1, Activation::tanh, values(5), values(1)});
  policy.action_scale = {2.0f};
  policy.action_offset = {0.0f};
  policy.training = {{"seed", "3"}, {"updates", "100"}};
  return policy;
}

/// The same with its hidden layer normalised.
inline Policy normalised_policy() {
  Policy policy = sample_policy();
  policy.layers[0].norm_weight = {0.5f, -1.5f, 2.0f, 1.0f, 0.25f};
  policy.layers[0].norm_bias = {0.1f, 0.2f, -0.3f, 0.0f, 1.0f};
  return policy;
}

/// One that remembers, in 7 units, and normalises observations and its hidden layer.
inline Policy recurrent_policy(PolicyKind kind) {
  constexpr int units = 7;
  SampleValues values;
  Policy policy = normalised_policy();
  policy.observation_mean = {0.1f, -0.25f, 3.0f};
  policy.observation_scale = {1.5f, 2.0f, 0.3f};
  policy.reward_scale = 0.3f;
  policy.layers[0].inputs = units + 3;
  policy.layers[0].weight = values(5 * (units + 3));
  const int sums = gate_count(kind) * units;
  policy.cell = PolicyCell{
      kind, 5, units, values(sums * 5), values(sums), values(sums * units), values(sums)};
  return policy;
}

/// A policy with everything that a policy may have, of an environment that no program knows: 5
/// observations, layers of 37 and 19 units, 3 actions, and perhaps a cell of 13 units.
inline Policy policy_of_kind(PolicyKind kind, Activation activation, bool layer_norm) {
  constexpr int observations = 5, first = 37, second = 19, actions = 3, units = 13;
  SampleValues values;
  Policy policy;
  policy.environment = "Arm-v3";
  policy.environment_parameters = {1.5f, -2.0f};
  policy.parameter_names = {"length", "slope"};
  int inputs = observations;
  if (kind != PolicyKind::feed_forward) {
    const int sums = gate_count(kind) * units, cell_inputs = observations + actions + 1;
    inputs += units;
    policy.reward_scale = 0.3f;
    policy.cell =
        PolicyCell{kind,         cell_inputs,          units,       values(sums * cell_inputs),
                   values(sums), values(sums * units), values(sums)};
  }
  policy.layers.push_back({inputs, first, activation, values(first * inputs), values(first)});
  policy.layers.push_back({first, second, activation, values(second * first), values(second)});
  policy.layers.push_back(
      {second, actions, Activation::tanh, values(actions * second), values(actions)});
  // Sums of about one, so that no action is at its bounds.
  for (PolicyLayer& layer : policy.layers) {
    for (float& weight : layer.weight) weight *= 0.3f;
  }
  if (layer_norm) {
    for (std::size_t i = 0; i < 2; ++i) {
      policy.layers[i].norm_weight = values(policy.layers[i].outputs);
      policy.layers[i].norm_bias = values(policy.layers[i].outputs);
    }
  }
  policy.observation_mean = values(observations);
  policy.observation_scale = {1.5f, 2.0f, 0.3f, 1.0f, 0.7f};
  policy.action_scale = {2.0f, 0.5f, 30.0f};
  policy.action_offset = {0.25f, -1.0f, 0.0f};
  return policy;
}

/// sample_policy, which sees its observations normalised.
inline Policy normalising_policy() {
  Policy policy = sample_policy();
  policy.observation_mean = {0.1f, -0.25f, 3.0f};
  policy.observation_scale = {1.5f, 2.0f, 0.3f};
  return policy;
}

/// A policy for MountainCarContinuous-v0 that always pushes to the right with almost full force.
inline Policy pushing_policy() {
  Policy policy;
  policy.environment = "MountainCarContinuous-v0";
  policy.environment_parameters = {0.0f};
  policy.layers.push_back({2, 1, Activation::tanh, {0.0f, 0.0f}, {10.0f}});
  policy.action_scale = {1.0f};
  policy.action_offset = {0.0f};
  return policy;
}

}  // namespace polyak::test
