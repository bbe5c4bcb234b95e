// Networks behind recurrent cells: where their tensors stand, and with what they begin.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "agent/agent.hpp"
#include "polyak/core/random.hpp"
#include "support/print_enums.hpp"
#include "support/statistics.hpp"

namespace polyak {
namespace {

/// Pendulum: observations of 3 and actions of 1, so that a cell sees 5 values.
Config recurrent_config(PolicyKind policy, int units) {
  Config config;
  config.policy = policy;
  config.recurrent_units = units;
  config.actor_hidden = {31, 9};
  config.critic_hidden = {65};
  config.twin_critics = true;
  return config;
}

std::int64_t aligned(std::int64_t floats) { return (floats + 31) / 32 * 32; }

/// Expects the tensors of `product` from `begin` on; returns where they end.
std::int64_t expect_at(std::int64_t begin, const LinearLayout& product) {
  EXPECT_EQ(product.weight_offset, begin);
  begin += aligned(std::int64_t{product.inputs} * product.outputs);
  EXPECT_EQ(product.bias_offset, begin);
  return begin + aligned(product.outputs);
}

class RecurrentLayout : public testing::TestWithParam<PolicyKind> {};
INSTANTIATE_TEST_SUITE_P(Policies, RecurrentLayout,
                         testing::Values(PolicyKind::lstm, PolicyKind::gru),
                         [](const auto& instance) {
                           return instance.param == PolicyKind::lstm ? "Lstm" : "Gru";
                         });

TEST_P(RecurrentLayout, TheCellStandsInFrontOfTheLayers) {
  for (const int units : {1, 17, 33}) {
    const Config config = recurrent_config(GetParam(), units);
    for (const NetworkLayout& layout : {actor_layout(config), critic_layout(config)}) {
      ASSERT_TRUE(layout.cell);
      std::int64_t end = expect_at(0, layout.cell->input);
      end = expect_at(end, layout.cell->recurrent);
      for (const LinearLayout& layer : layout.layers) end = expect_at(end, layer);
      EXPECT_EQ(layout.network_floats, end);
      EXPECT_EQ(layout.stride, layout.networks * end);
    }
    EXPECT_EQ(critic_layout(config).networks, 2);
  }
}

TEST_P(RecurrentLayout, SizesFollowTheCellAndTheEnvironment) {
  const int gates = GetParam() == PolicyKind::lstm ? 4 : 3;
  const Config config = recurrent_config(GetParam(), 17);
  const NetworkLayout actor = actor_layout(config), critic = critic_layout(config);
  for (const NetworkLayout& layout : {actor, critic}) {
    EXPECT_EQ(layout.cell->kind, GetParam());
    EXPECT_EQ(layout.cell->units, 17);
    EXPECT_EQ(layout.cell->observation_size, 3);
    EXPECT_EQ(layout.cell->input.inputs, 5) << "observation, action and reward";
    EXPECT_EQ(layout.cell->input.outputs, gates * 17);
    EXPECT_EQ(layout.cell->input.activation, Activation::identity);
    EXPECT_EQ(layout.cell->recurrent.inputs, 17);
    EXPECT_EQ(layout.cell->recurrent.outputs, gates * 17);
    EXPECT_EQ(layout.cell->recurrent.activation, Activation::identity);
    EXPECT_EQ(layout.cell->state_floats(), GetParam() == PolicyKind::lstm ? 34 : 17);
  }
  EXPECT_EQ(actor.layers[0].inputs, 20) << "hidden state and observation";
  EXPECT_EQ(actor.inputs(), 5);
  EXPECT_EQ(actor.outputs(), 1);
  EXPECT_EQ(critic.layers[0].inputs, 21) << "and action";
  EXPECT_EQ(critic.inputs(), 6);
  EXPECT_EQ(critic.outputs(), 1);
}

TEST_P(RecurrentLayout, ALateActionStaysOutOfTheCell) {
  Config config = recurrent_config(GetParam(), 17);
  config.critic_action_layer = 1;
  const NetworkLayout critic = critic_layout(config);
  EXPECT_EQ(critic.cell->input.inputs, 5);
  EXPECT_EQ(critic.layers[0].inputs, 20);
  EXPECT_EQ(critic.layers[1].inputs, 66);
  EXPECT_EQ(critic.action_layer, 1u);
  EXPECT_EQ(critic.inputs(), 6);
}

TEST_P(RecurrentLayout, LinearListsTheLayersAndThenTheProductsOfTheCell) {
  const Config config = recurrent_config(GetParam(), 17);
  const NetworkLayout actor = actor_layout(config);
  ASSERT_EQ(actor.linear_count(), 5u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(&actor.linear(i), &actor.layers[i]);
  EXPECT_EQ(&actor.linear(3), &actor.cell->input);
  EXPECT_EQ(&actor.linear(4), &actor.cell->recurrent);
  const NetworkLayout plain = actor_layout(Config{});
  EXPECT_FALSE(plain.cell);
  EXPECT_EQ(plain.linear_count(), plain.layers.size());
}

/// Of one network: the cell's products and then its layers.
std::vector<LinearLayout> in_order(const NetworkLayout& layout) {
  std::vector<LinearLayout> products = {layout.cell->input, layout.cell->recurrent};
  products.insert(products.end(), layout.layers.begin(), layout.layers.end());
  return products;
}

// Parameter n of a network takes word n mod 4 of block n / 4, the cell's in front of the layers'.
TEST_P(RecurrentLayout, ParametersAreTheWordsOfConsecutiveBlocks) {
  const NetworkLayout layout = critic_layout(recurrent_config(GetParam(), 17));
  std::vector<float> parameters(static_cast<std::size_t>(layout.network_floats), 77.0f);
  initialise_parameters(layout, 3, NetworkRole::critic, 0.003f, parameters);
  std::uint32_t number = 0;
  const auto expect_words = [&](std::int64_t offset, std::int64_t count, float range) {
    for (std::int64_t i = 0; i < count; ++i, ++number) {
      float& value = parameters[static_cast<std::size_t>(offset + i)];
      const RandomBits bits = PhiloxRandom{3}(number / 4, 1, Purpose::parameter_initialisation);
      ASSERT_EQ(value, uniform_between(-range, range, word_of(bits, static_cast<int>(number % 4))));
      value = 0.0f;
    }
  };
  const float cell_range = 1.0f / std::sqrt(17.0f);
  const float ranges[] = {cell_range, cell_range, 1.0f / std::sqrt(21.0f), 0.003f};
  std::size_t i = 0;
  for (const LinearLayout& product : in_order(layout)) {
    expect_words(product.weight_offset, std::int64_t{product.inputs} * product.outputs, ranges[i]);
    expect_words(product.bias_offset, product.outputs, ranges[i++]);
  }
  EXPECT_EQ(parameters, std::vector<float>(parameters.size(), 0.0f)) << "the gaps";
}

TEST_P(RecurrentLayout, CellsAreUniformWithinOneOverSqrtUnits) {
  const NetworkLayout layout = actor_layout(recurrent_config(GetParam(), 65));
  std::vector<float> parameters(static_cast<std::size_t>(layout.network_floats));
  initialise_parameters(layout, 3, NetworkRole::actor, 0.0f, parameters);
  for (const LinearLayout& product : {layout.cell->input, layout.cell->recurrent}) {
    std::vector<float> values;
    const auto take = [&](std::int64_t offset, std::int64_t count) {
      for (std::int64_t i = 0; i < count; ++i) {
        values.push_back(parameters[static_cast<std::size_t>(offset + i)] * std::sqrt(65.0f));
      }
    };
    take(product.weight_offset, std::int64_t{product.inputs} * product.outputs);
    take(product.bias_offset, product.outputs);
    const auto cdf = [](double x) { return (x + 1.0) / 2.0; };
    EXPECT_GT(test::kolmogorov_smirnov_test(values, cdf), 1e-3);
    EXPECT_GE(values.front(), -1.0001f);
    EXPECT_LE(values.back(), 1.0001f);
  }
}

TEST_P(RecurrentLayout, InitialStateRemembersNothing) {
  Config config = recurrent_config(GetParam(), 17);
  config.agents = 2;
  config.environments = 3;
  const TrainingState state = initial_state(config);
  const std::size_t floats = 2 * 3 * (GetParam() == PolicyKind::lstm ? 34 : 17);
  EXPECT_EQ(state.recurrent_states, std::vector<float>(floats, 0.0f));
  EXPECT_EQ(initial_state_with_first_rows(config).recurrent_states, state.recurrent_states);
  EXPECT_EQ(state.actor.target, state.actor.parameters);
  config.policy = PolicyKind::feed_forward;
  EXPECT_TRUE(initial_state(config).recurrent_states.empty());
}

}  // namespace
}  // namespace polyak
