// Where batch normalisation stands in networks, how it begins, and what is left of it in a policy.
#include "agent/batch_norm.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "agent/policy_parameters.hpp"
#include "oracle/network.hpp"
#include "support/configs.hpp"

namespace polyak {
namespace {

std::vector<bool> normalised_layers(const NetworkLayout& layout) {
  std::vector<bool> result;
  for (const LinearLayout& layer : layout.layers) result.push_back(layer.batch_norm.has_value());
  return result;
}

TEST(BatchNormLayout, IsOfTheActorsHiddenLayersAndOfTheCriticsBeforeTheAction) {
  Config config = test::small_config();
  config.batch_norm = true;
  config.critic_hidden = {65, 9, 5};
  EXPECT_EQ(normalised_layers(actor_layout(config)), (std::vector<bool>{true, true, false}));
  EXPECT_EQ(actor_layout(config).input_norm->features, 3);
  const std::vector<bool> expected[] = {{false, false, false, false},
                                        {true, false, false, false},
                                        {true, true, false, false},
                                        {true, true, true, false}};
  for (int layer = 0; layer <= 3; ++layer) {
    config.critic_action_layer = layer;
    const NetworkLayout critic = critic_layout(config);
    EXPECT_EQ(normalised_layers(critic), expected[layer]);
    EXPECT_EQ(critic.input_norm->features, 3) << "without the action";
  }
}

/// [offset, offset + count) of an array, once for every float.
void mark(std::vector<int>& places, std::int64_t offset, std::int64_t count) {
  EXPECT_EQ(offset % parameter_alignment, 0);
  for (std::int64_t i = 0; i < count; ++i) ++places.at(static_cast<std::size_t>(offset + i));
}

TEST(BatchNormLayout, TensorsDoNotOverlap) {
  Config config = test::small_config();
  config.batch_norm = true;
  config.twin_critics = true;
  config.critic_action_layer = 2;
  for (const NetworkLayout& layout : {actor_layout(config), critic_layout(config)}) {
    std::vector<int> parameters(static_cast<std::size_t>(layout.network_floats)),
        statistics(static_cast<std::size_t>(layout.network_statistics));
    const auto mark_norm = [&](const BatchNormLayout& norm) {
      mark(parameters, norm.weight_offset, norm.features);
      mark(parameters, norm.bias_offset, norm.features);
      mark(statistics, norm.mean_offset, norm.features);
      mark(statistics, norm.variance_offset, norm.features);
    };
    mark_norm(*layout.input_norm);
    for (const LinearLayout& layer : layout.layers) {
      mark(parameters, layer.weight_offset, std::int64_t{layer.inputs} * layer.outputs);
      mark(parameters, layer.bias_offset, layer.outputs);
      if (layer.batch_norm) mark_norm(*layer.batch_norm);
    }
    for (const int times : parameters) EXPECT_LE(times, 1);
    for (const int times : statistics) EXPECT_LE(times, 1);
    EXPECT_EQ(layout.statistics_stride, layout.networks * layout.network_statistics);
  }
  config.batch_norm = false;
  EXPECT_EQ(actor_layout(config).statistics_stride, 0);
  EXPECT_FALSE(actor_layout(config).input_norm);
}

TEST(BatchNormInitialState, IsTheIdentityWithUnitVariances) {
  Config config = test::small_population();
  config.batch_norm = true;
  config.critic_action_layer = 1;
  config.twin_critics = true;
  const TrainingState state = initial_state(config);
  const auto expect_identity = [](const oracle::Layer& layer, bool is_normalised) {
    const std::size_t features = is_normalised ? static_cast<std::size_t>(layer.outputs) : 0;
    EXPECT_EQ(layer.norm_weight, std::vector<double>(features, 1.0));
    EXPECT_EQ(layer.norm_bias, std::vector<double>(features, 0.0));
    EXPECT_EQ(layer.running_mean, std::vector<double>(features, 0.0));
    EXPECT_EQ(layer.running_variance, std::vector<double>(features, 1.0));
  };
  for (int agent = 0; agent < config.agents; ++agent) {
    const TrainingState own = test::agent_part(state, config.agents, agent);
    EXPECT_EQ(own.critic.statistics, own.critic.target_statistics);
    EXPECT_EQ(own.actor.statistics, own.actor.target_statistics);
    for (int network = 0; network < 2; ++network) {
      const oracle::Network critic = oracle::unpack(critic_layout(config), own.critic.parameters,
                                                    network, own.critic.statistics);
      ASSERT_EQ(critic.size(), 4u);
      for (std::size_t l = 0; l < critic.size(); ++l) expect_identity(critic[l], l < 2);
    }
    const oracle::Network actor =
        oracle::unpack(actor_layout(config), own.actor.parameters, 0, own.actor.statistics);
    for (std::size_t l = 0; l < actor.size(); ++l) expect_identity(actor[l], l < 3);
  }
}

/// A state in which nothing of the actors' normalisations is the identity.
TrainingState arbitrary_state(const Config& config) {
  std::mt19937 generator(5);
  std::uniform_real_distribution<float> uniform(0.1f, 1.5f);
  TrainingState state = initial_state(config);
  const NetworkLayout layout = actor_layout(config);
  for (float& value : state.actor.statistics) value = uniform(generator);
  for (int agent = 0; agent < config.agents; ++agent) {
    const auto randomise = [&](const BatchNormLayout& norm) {
      for (const std::int64_t offset : {norm.weight_offset, norm.bias_offset}) {
        for (int i = 0; i < norm.features; ++i) {
          const std::int64_t at = agent * layout.stride + offset + i;
          state.actor.parameters[static_cast<std::size_t>(at)] = uniform(generator);
        }
      }
    };
    randomise(*layout.input_norm);
    for (const LinearLayout& layer : layout.layers) {
      if (layer.batch_norm) randomise(*layer.batch_norm);
    }
  }
  return state;
}

TEST(FoldedBatchNorm, ActsAsTheNetworkInEvaluation) {
  Config config = test::small_population();
  config.batch_norm = true;
  config.normalise_observations = true;
  const TrainingState state = arbitrary_state(config);
  const NetworkLayout layout = actor_layout(config);
  const float mean[] = {0.2f, -0.3f, 0.5f}, scale[] = {1.5f, 0.7f, 0.2f};
  const PlainNetworks together =
      fold_batch_norm(layout, state.actor.parameters, state.actor.statistics);
  for (int agent = 0; agent < config.agents; ++agent) {
    const NetworkState own = test::agent_part(state, config.agents, agent).actor;
    const Policy policy =
        unpack_policy(config, agent, own.parameters, {mean, scale}, own.statistics);
    ASSERT_EQ(policy.layers.size(), 3u);
    EXPECT_TRUE(policy.layers.front().norm_weight.empty());
    const oracle::Network network = oracle::unpack(layout, own.parameters, 0, own.statistics);
    const std::size_t stride = static_cast<std::size_t>(together.layout.stride);
    const oracle::Network plain = oracle::unpack(
        together.layout,
        std::span(together.parameters).subspan(static_cast<std::size_t>(agent) * stride, stride));
    for (const std::vector<float>& observation :
         {std::vector<float>{1.0f, 0.0f, 0.0f}, {-0.5f, 0.8f, -7.0f}, {0.6f, -0.8f, 3.0f}}) {
      std::vector<double> seen;
      for (std::size_t i = 0; i < 3; ++i) {
        seen.push_back(static_cast<double>((observation[i] - mean[i]) * scale[i]));
      }
      const double expected = oracle::forward(network, seen).output[0];
      EXPECT_NEAR(oracle::forward(plain, seen).output[0], expected, 1e-5);
      EXPECT_NEAR(static_cast<double>(policy.act(observation)[0]), 2.0 * expected, 2e-5);
    }
  }
}

}  // namespace
}  // namespace polyak
