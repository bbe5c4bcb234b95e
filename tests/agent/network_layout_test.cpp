#include <gtest/gtest.h>

#include <vector>

#include "agent/agent.hpp"

namespace polyak {
namespace {

const std::vector<std::vector<int>> hidden_widths = {{1},      {31},         {65, 33},
                                                     {64, 64}, {1, 1024, 7}, {400, 300, 200, 100}};

class Layout : public testing::TestWithParam<std::vector<int>> {
 protected:
  NetworkLayout layout_ = make_network_layout(3, GetParam(), 2, Activation::elu, Activation::tanh);
};
INSTANTIATE_TEST_SUITE_P(Widths, Layout, testing::ValuesIn(hidden_widths));

TEST_P(Layout, ChainsTheWidths) {
  std::vector<int> widths = GetParam();
  widths.insert(widths.begin(), 3);
  widths.push_back(2);
  ASSERT_EQ(layout_.layers.size() + 1, widths.size());
  for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
    EXPECT_EQ(layout_.layers[i].inputs, widths[i]);
    EXPECT_EQ(layout_.layers[i].outputs, widths[i + 1]);
    EXPECT_EQ(layout_.layers[i].activation,
              i + 1 < layout_.layers.size() ? Activation::elu : Activation::tanh);
  }
  EXPECT_EQ(layout_.inputs(), 3);
  EXPECT_EQ(layout_.outputs(), 2);
}

TEST_P(Layout, TensorsAreAlignedAndDoNotOverlap) {
  std::int64_t end = 0;
  for (const LinearLayout& layer : layout_.layers) {
    const std::int64_t weights = static_cast<std::int64_t>(layer.inputs) * layer.outputs;
    EXPECT_GE(layer.weight_offset, end);
    EXPECT_LT(layer.weight_offset, end + parameter_alignment) << "wasted memory";
    end = layer.weight_offset + weights;
    EXPECT_GE(layer.bias_offset, end);
    EXPECT_LT(layer.bias_offset, end + parameter_alignment) << "wasted memory";
    end = layer.bias_offset + layer.outputs;
    EXPECT_EQ(layer.weight_offset % parameter_alignment, 0);
    EXPECT_EQ(layer.bias_offset % parameter_alignment, 0);
  }
  EXPECT_GE(layout_.stride, end);
  EXPECT_LT(layout_.stride, end + parameter_alignment);
  EXPECT_EQ(layout_.stride % parameter_alignment, 0);
}

TEST(AgentLayout, ActorAndCriticFitTheEnvironment) {
  Config config;
  config.actor_hidden = {31, 65};
  config.critic_hidden = {17};
  config.activation = Activation::tanh;
  const NetworkLayout actor = actor_layout(config), critic = critic_layout(config);
  EXPECT_EQ(actor.inputs(), 3);
  EXPECT_EQ(actor.outputs(), 1);
  EXPECT_EQ(actor.layers.size(), 3u);
  EXPECT_EQ(actor.layers[0].activation, Activation::tanh);
  EXPECT_EQ(actor.layers.back().activation, Activation::tanh);
  EXPECT_EQ(critic.inputs(), 4) << "observation and action";
  EXPECT_EQ(critic.outputs(), 1);
  EXPECT_EQ(critic.layers.size(), 2u);
  EXPECT_EQ(critic.layers.back().activation, Activation::identity);
  config.environment = "MountainCarContinuous-v0";
  config.activation = Activation::relu;
  EXPECT_EQ(actor_layout(config).inputs(), 2);
  EXPECT_EQ(critic_layout(config).inputs(), 3);
  EXPECT_EQ(actor_layout(config).layers[1].activation, Activation::relu);
}

TEST(AgentLayout, ALateActionWidensItsLayerAndNoOther) {
  Config config;
  config.critic_hidden = {17, 9};
  for (std::size_t late = 0; late <= 2; ++late) {
    config.critic_action_layer = static_cast<int>(late);
    const NetworkLayout critic = critic_layout(config);
    EXPECT_EQ(critic.inputs(), 4);
    EXPECT_EQ(critic.action_inputs, 1);
    EXPECT_EQ(critic.action_layer, late);
    const int observation_and_widths[] = {3, 17, 9};
    for (std::size_t layer = 0; layer <= 2; ++layer) {
      EXPECT_EQ(critic.layers[layer].inputs,
                observation_and_widths[layer] + (layer == late ? 1 : 0));
    }
  }
}

TEST(AgentLayout, HiddenLayersAreNormalisedBehindTheirBiases) {
  Config config;
  config.actor_hidden = {33, 9};
  config.layer_norm = true;
  for (const NetworkLayout& layout : {actor_layout(config), critic_layout(config)}) {
    std::int64_t end = 0;
    for (const LinearLayout& layer : layout.layers) {
      EXPECT_EQ(layer.weight_offset, end);
      end = layer.bias_offset + (layer.outputs + 31) / 32 * 32;
      EXPECT_EQ(layer.layer_norm, &layer != &layout.layers.back());
      if (!layer.layer_norm) continue;
      EXPECT_EQ(layer.norm_weight_offset, end);
      EXPECT_EQ(layer.norm_bias_offset, end + (layer.outputs + 31) / 32 * 32);
      end = layer.norm_bias_offset + (layer.outputs + 31) / 32 * 32;
    }
    EXPECT_EQ(layout.network_floats, end);
  }
}

TEST(AgentLayout, TwinCriticsLieOneAfterTheOther) {
  Config config;
  const NetworkLayout one = critic_layout(config);
  EXPECT_EQ(one.networks, 1);
  EXPECT_EQ(one.stride, one.network_floats);
  config.twin_critics = true;
  const NetworkLayout two = critic_layout(config);
  EXPECT_EQ(two.networks, 2);
  EXPECT_EQ(two.network_floats, one.network_floats);
  EXPECT_EQ(two.stride, 2 * one.stride);
  EXPECT_EQ(actor_layout(config).networks, 1);
}

}  // namespace
}  // namespace polyak
