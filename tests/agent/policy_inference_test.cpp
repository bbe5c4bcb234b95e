// Policy::act into the caller's memory: the bits that one sum after the other gives, for every
// width, and without a single allocation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "agent/dense_layer.hpp"
#include "io/policy_samples.hpp"
#include "polyak/core/error.hpp"
#include "polyak/core/layer_norm.hpp"
#include "polyak/core/summation.hpp"
#include "support/print_enums.hpp"

#if !POLYAK_SANITIZED
namespace {
thread_local long allocations = 0;
}

// Of the whole program of tests; a sanitizer has its own. Inlined, g++ takes them for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace polyak {
namespace {

using test::SampleValues;

class DenseLayer : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Outputs, DenseLayer,
                         testing::Values(1, 2, 4, 5, 7, 8, 9, 16, 31, 32, 33, 41, 64, 77));

TEST_P(DenseLayer, HasTheBitsOfOneSumAfterTheOther) {
  const int outputs = GetParam();
  for (const int inputs : {1, 2, 3, 4, 5, 7, 8, 31, 64, 66}) {
    SampleValues values;
    const std::vector<float> weight = values(outputs * inputs), bias = values(outputs);
    const std::vector<float> input = values(inputs);
    std::vector<float> output(bias.size() + 1, 12345.0f);
    affine_map(weight, bias, input, std::span(output).first(bias.size()));
    for (int o = 0; o < outputs; ++o) {
      const float expected = layer_sum(
          outputs, inputs, bias[static_cast<std::size_t>(o)],
          [&](int k) { return weight[static_cast<std::size_t>(o * inputs + k)]; },
          [&](int k) { return input[static_cast<std::size_t>(k)]; });
      ASSERT_EQ(output[static_cast<std::size_t>(o)], expected) << inputs << " inputs, row " << o;
    }
    EXPECT_EQ(output.back(), 12345.0f) << "written beyond the end";
  }
}

TEST_P(DenseLayer, ActivatesEachValueAsItIsDoneAlone) {
  for (const Activation activation :
       {Activation::identity, Activation::relu, Activation::tanh, Activation::elu}) {
    SampleValues values;
    std::vector<float> all = values(GetParam());
    for (float& value : all) value *= 5.0f;
    const std::vector<float> before = all;
    activate_all(activation, all);
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(all[i], activate(activation, before[i])) << static_cast<int>(activation);
    }
  }
}

/// One of every kind, with several actions and widths that fill no register.
std::vector<Policy> every_kind() {
  std::vector<Policy> policies;
  for (const PolicyKind kind : {PolicyKind::feed_forward, PolicyKind::lstm, PolicyKind::gru}) {
    for (const bool layer_norm : {false, true}) {
      policies.push_back(test::policy_of_kind(kind, Activation::tanh, layer_norm));
    }
  }
  return policies;
}

TEST(PolicyInference, GivesTheSameIntoTheCallersMemory) {
  for (const Policy& policy : every_kind()) {
    PolicyMemory first, second;
    SampleValues values;
    for (int step = 0; step < 4; ++step) {
      const std::vector<float> observation = values(policy.observation_size());
      std::vector<float> action(static_cast<std::size_t>(policy.action_size()));
      policy.act(observation, first, action);
      EXPECT_EQ(action, policy.act(observation, second));
      EXPECT_EQ(first.hidden, second.hidden);
      EXPECT_EQ(first.cell, second.cell);
      EXPECT_EQ(first.previous_action, second.previous_action);
      first.previous_reward = second.previous_reward = 0.5f * static_cast<float>(step);
      if (policy.cell) continue;
      policy.act(observation, std::span(action));
      EXPECT_EQ(action, policy.act(observation));
    }
  }
}

TEST(PolicyInference, BeginsAnEpisodeAgainAsWithANewMemory) {
  for (const Policy& policy : every_kind()) {
    const std::vector<float> observation = SampleValues()(policy.observation_size());
    PolicyMemory memory;
    const std::vector<float> at_start = policy.act(observation, memory);
    memory.previous_reward = 2.0f;
    policy.act(observation, memory);
    memory.begin_episode();
    EXPECT_EQ(policy.act(observation, memory), at_start);
  }
}

#if !POLYAK_SANITIZED
TEST(PolicyInference, AllocatesNothing) {
  for (const Policy& policy : every_kind()) {
    const std::vector<float> observation = SampleValues()(policy.observation_size());
    std::vector<float> action(static_cast<std::size_t>(policy.action_size()));
    PolicyMemory memory;
    policy.act(observation, memory, action);
    const long before = allocations;
    for (int step = 0; step < 3; ++step) policy.act(observation, memory, action);
    memory.begin_episode();
    policy.act(observation, memory, action);
    if (!policy.cell) policy.act(observation, std::span(action));
    EXPECT_EQ(allocations, before);
  }
  const long before = allocations;
  const std::vector<float> one(1);
  EXPECT_EQ(allocations, before + 1) << "allocations are not counted";
}
#endif

TEST(PolicyInference, RefusesSizesThatDoNotFit) {
  Policy policy = test::sample_policy();
  std::vector<float> action(1);
  EXPECT_THROW(policy.act(std::vector<float>(2), std::span(action)), UsageError);
  action.resize(2);
  EXPECT_THROW(policy.act(std::vector<float>(3), std::span(action)), UsageError);
  action.resize(1);
  const int wide = 1025;
  SampleValues values;
  policy.layers = {{3, wide, Activation::relu, values(3 * wide), values(wide)},
                   {wide, 1, Activation::tanh, values(wide), values(1)}};
  EXPECT_THROW(policy.act(std::vector<float>(3), std::span(action)), UsageError);
}

}  // namespace
}  // namespace polyak
