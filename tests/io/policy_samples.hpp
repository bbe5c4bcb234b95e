// Policies for the tests of files and commands.
#pragma once

#include "polyak/core/random.hpp"
#include "polyak/policy.hpp"

namespace polyak::test {

/// A policy for Pendulum-v1 with random values and layers of 3, 5 and 1 units.
inline Policy sample_policy() {
  const PhiloxRandom random{11};
  std::uint32_t drawn = 0;
  const auto values = [&](int count) {
    std::vector<float> result;
    for (int i = 0; i < count; ++i) {
      const RandomBits bits = random(drawn++, 0, Purpose::parameter_initialisation);
      result.push_back(uniform_between(-1.0f, 1.0f, bits.x));
    }
    return result;
  };
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

}  // namespace polyak::test
