// What a policy does with an observation, by plain formulas in double.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "io/policy_samples.hpp"
#include "polyak/core/error.hpp"
#include "polyak/policy.hpp"

namespace polyak {
namespace {

using test::sample_policy;

TEST(PolicyAct, IsThePlainFormula) {
  const Policy policy = sample_policy();
  const std::vector<float> observation = {0.5f, -0.25f, 3.0f};
  std::vector<double> hidden(5);
  double output = static_cast<double>(policy.layers[1].bias[0]);
  for (std::size_t o = 0; o < 5; ++o) {
    hidden[o] = static_cast<double>(policy.layers[0].bias[o]);
    for (std::size_t i = 0; i < 3; ++i) {
      hidden[o] += static_cast<double>(policy.layers[0].weight[o * 3 + i]) *
                   static_cast<double>(observation[i]);
    }
    hidden[o] = hidden[o] > 0.0 ? hidden[o] : std::expm1(hidden[o]);
    output += static_cast<double>(policy.layers[1].weight[o]) * hidden[o];
  }
  const std::vector<float> action = policy.act(observation);
  ASSERT_EQ(action.size(), 1u);
  EXPECT_NEAR(static_cast<double>(action[0]), 2.0 * std::tanh(output), 1e-5);
  EXPECT_THROW(policy.act(std::vector<float>{1.0f, 2.0f}), UsageError);
}

TEST(PolicyAct, GoesThroughTheNormalisationOfHiddenLayers) {
  const Policy policy = test::normalised_policy();
  const float observation[] = {0.5f, -0.25f, 1.5f};
  const PolicyLayer& hidden = policy.layers[0];
  std::vector<double> sums;
  double mean = 0.0, variance = 0.0;
  for (std::size_t o = 0; o < 5; ++o) {
    double sum = static_cast<double>(hidden.bias[o]);
    for (std::size_t i = 0; i < 3; ++i) {
      sum += static_cast<double>(hidden.weight[3 * o + i]) * static_cast<double>(observation[i]);
    }
    sums.push_back(sum);
    mean += sum / 5.0;
  }
  for (const double sum : sums) variance += (sum - mean) * (sum - mean) / 5.0;
  double action = static_cast<double>(policy.layers[1].bias[0]);
  for (std::size_t o = 0; o < 5; ++o) {
    const double y =
        static_cast<double>(hidden.norm_weight[o]) * (sums[o] - mean) / std::sqrt(variance + 1e-5) +
        static_cast<double>(hidden.norm_bias[o]);
    action += static_cast<double>(policy.layers[1].weight[o]) * (y > 0.0 ? y : std::expm1(y));
  }
  EXPECT_NEAR(policy.act(observation)[0], 2.0 * std::tanh(action), 1e-5);
}

TEST(PolicyAct, NormalisesTheObservationFirst) {
  const std::vector<float> observation = {0.5f, -0.25f, 3.5f};
  std::vector<float> normalised;
  const Policy policy = test::normalising_policy();
  for (std::size_t i = 0; i < 3; ++i) {
    normalised.push_back((observation[i] - policy.observation_mean[i]) *
                         policy.observation_scale[i]);
  }
  EXPECT_EQ(policy.act(observation), sample_policy().act(normalised));
  EXPECT_NE(policy.act(observation), sample_policy().act(observation));
}

}  // namespace
}  // namespace polyak
