#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "agent/agent.hpp"
#include "config/derived.hpp"
#include "polyak/core/random.hpp"
#include "polyak/core/replay.hpp"
#include "polyak/environment/pendulum.hpp"
#include "support/statistics.hpp"

namespace polyak {
namespace {

std::vector<float> tensor(const std::vector<float>& parameters, std::int64_t offset,
                          std::int64_t count) {
  return {parameters.begin() + offset, parameters.begin() + offset + count};
}

std::vector<float> initialise(const NetworkLayout& layout, std::uint64_t seed, NetworkRole role,
                              float final_layer_range) {
  std::vector<float> parameters(static_cast<std::size_t>(layout.stride), 77.0f);
  initialise_parameters(layout, seed, role, final_layer_range, parameters);
  return parameters;
}

const std::vector<int> wide_widths = {65, 401};
const NetworkLayout wide_layout =
    make_network_layout(33, wide_widths, 300, Activation::relu, Activation::tanh);

/// Weights scaled to [-1, 1] by the range that they should have, of layer `i` and its bias.
std::vector<float> scaled(const std::vector<float>& parameters, std::size_t i, float range) {
  const LinearLayout& layer = wide_layout.layers[i];
  std::vector<float> values =
      tensor(parameters, layer.weight_offset, std::int64_t{layer.inputs} * layer.outputs);
  const std::vector<float> bias = tensor(parameters, layer.bias_offset, layer.outputs);
  values.insert(values.end(), bias.begin(), bias.end());
  for (float& value : values) value /= range;
  return values;
}

void expect_uniform(std::vector<float> values) {
  EXPECT_GT(test::kolmogorov_smirnov_test(values, [](double x) { return (x + 1.0) / 2.0; }), 1e-3);
  EXPECT_GE(values.front(), -1.0f);
  EXPECT_LE(values.back(), 1.0f);
}

TEST(InitialParameters, AreUniformWithinOneOverSqrtInputs) {
  const std::vector<float> parameters = initialise(wide_layout, 3, NetworkRole::actor, 0.0f);
  for (std::size_t i = 0; i < wide_layout.layers.size(); ++i) {
    expect_uniform(
        scaled(parameters, i, 1.0f / std::sqrt(static_cast<float>(wide_layout.layers[i].inputs))));
  }
}

TEST(InitialParameters, LastLayerHasItsOwnRangeIfGiven) {
  const std::vector<float> plain = initialise(wide_layout, 3, NetworkRole::actor, 0.0f);
  const std::vector<float> small = initialise(wide_layout, 3, NetworkRole::actor, 0.003f);
  expect_uniform(scaled(small, 2, 0.003f));
  const LinearLayout& last = wide_layout.layers.back();
  EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + last.weight_offset, small.begin()))
      << "the hidden layers do not depend on it";
}

// Parameter n, counted without the gaps, takes word n mod 4 of block n / 4, so that its value does
// not depend on the alignment.
TEST(InitialParameters, AreTheWordsOfConsecutiveBlocks) {
  const std::vector<float> parameters = initialise(wide_layout, 3, NetworkRole::critic, 0.0f);
  std::uint32_t number = 0;
  for (const LinearLayout& layer : wide_layout.layers) {
    const float range = 1.0f / std::sqrt(static_cast<float>(layer.inputs));
    const auto expect_words = [&](const std::vector<float>& values) {
      for (const float value : values) {
        const RandomBits bits = PhiloxRandom{3}(number / 4, 1, Purpose::parameter_initialisation);
        ASSERT_EQ(value,
                  uniform_between(-range, range, word_of(bits, static_cast<int>(number % 4))));
        ++number;
      }
    };
    expect_words(
        tensor(parameters, layer.weight_offset, std::int64_t{layer.inputs} * layer.outputs));
    expect_words(tensor(parameters, layer.bias_offset, layer.outputs));
  }
}

TEST(InitialParameters, GapsAreZero) {
  std::vector<float> parameters = initialise(wide_layout, 3, NetworkRole::critic, 0.0f);
  for (const LinearLayout& layer : wide_layout.layers) {
    std::fill_n(parameters.begin() + layer.weight_offset,
                std::int64_t{layer.inputs} * layer.outputs, 0.0f);
    std::fill_n(parameters.begin() + layer.bias_offset, layer.outputs, 0.0f);
  }
  EXPECT_EQ(parameters, std::vector<float>(parameters.size(), 0.0f));
}

TEST(InitialParameters, DifferByParameterSeedAndRole) {
  const std::vector<float> parameters = initialise(wide_layout, 3, NetworkRole::actor, 0.0f);
  const LinearLayout& widest = wide_layout.layers.back();
  const std::vector<float> weights =
      tensor(parameters, widest.weight_offset, std::int64_t{widest.inputs} * widest.outputs);
  // 120,300 draws of 24 bits: about 431 coincidences are expected, and their deviation is 21.
  const std::size_t distinct = std::set<float>(weights.begin(), weights.end()).size();
  EXPECT_GT(distinct, weights.size() - 550);
  const auto equal_values = [&](const std::vector<float>& other) {
    int equal = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      equal += weights[i] == other[static_cast<std::size_t>(widest.weight_offset) + i];
    }
    return equal;
  };
  EXPECT_LT(equal_values(initialise(wide_layout, 4, NetworkRole::actor, 0.0f)), 10);
  EXPECT_LT(equal_values(initialise(wide_layout, 3, NetworkRole::critic, 0.0f)), 10);
  EXPECT_EQ(initialise(wide_layout, 3, NetworkRole::actor, 0.0f), parameters);
}

Config small_population() {
  Config config;
  config.agents = 3;
  config.seed = std::vector<std::uint64_t>{8, 5, 13};
  config.environments = 4;
  config.actor_hidden = {5, 6};
  config.critic_hidden = {7};
  config.batch_size = 4;
  config.learning_starts = 8;
  config.replay_capacity = 40;
  config.total_steps = 400;
  return config;
}

TEST(InitialState, NormalisationStartsAsTheIdentityAndDrawsNothing) {
  Config config = small_population();
  const TrainingState plain = initial_state(config);
  const NetworkLayout plain_actor = actor_layout(config);
  config.layer_norm = true;
  const TrainingState state = initial_state(config);
  const NetworkLayout actor = actor_layout(config);
  const LinearLayout& first = actor.layers.front();
  EXPECT_EQ(tensor(state.actor.parameters, first.norm_weight_offset, first.outputs),
            std::vector<float>(static_cast<std::size_t>(first.outputs), 1.0f));
  EXPECT_EQ(tensor(state.actor.parameters, first.norm_bias_offset, first.outputs),
            std::vector<float>(static_cast<std::size_t>(first.outputs), 0.0f));
  const std::int64_t weights =
      std::int64_t{actor.layers.back().inputs} * actor.layers.back().outputs;
  EXPECT_EQ(tensor(state.actor.parameters, actor.layers.back().weight_offset, weights),
            tensor(plain.actor.parameters, plain_actor.layers.back().weight_offset, weights));
}

TEST(InitialState, TwinCriticsAreDifferentAndTheFirstIsTheOneAlone) {
  Config config = small_population();
  const TrainingState one = initial_state(config);
  config.twin_critics = true;
  const TrainingState two = initial_state(config);
  const NetworkLayout critic = critic_layout(config);
  EXPECT_EQ(two.actor.parameters, one.actor.parameters);
  for (std::int64_t agent = 0; agent < 3; ++agent) {
    const std::int64_t begin = agent * critic.stride;
    EXPECT_EQ(tensor(two.critic.parameters, begin, critic.network_floats),
              tensor(one.critic.parameters, agent * critic.network_floats, critic.network_floats));
    EXPECT_EQ(tensor(two.critic.parameters, begin + critic.network_floats, critic.network_floats),
              tensor(initialise(critic, config.seed[static_cast<int>(agent)],
                                NetworkRole::second_critic, 0.0f),
                     0, critic.network_floats));
  }
  EXPECT_NE(tensor(two.critic.parameters, 0, critic.network_floats),
            tensor(two.critic.parameters, critic.network_floats, critic.network_floats));
}

TEST(InitialState, NetworksAreEachAgentsOwnAndTargetsEqualThem) {
  const Config config = small_population();
  const TrainingState state = initial_state(config);
  const NetworkLayout critic = critic_layout(config);
  EXPECT_EQ(state.vector_steps, 0);
  EXPECT_EQ(state.updates, 0);
  ASSERT_EQ(state.critic.parameters.size(), 3 * static_cast<std::size_t>(critic.stride));
  for (std::int64_t agent = 0; agent < 3; ++agent) {
    EXPECT_EQ(tensor(state.critic.parameters, agent * critic.stride, critic.stride),
              initialise(critic, config.seed[static_cast<int>(agent)], NetworkRole::critic, 0.0f));
  }
  EXPECT_EQ(state.actor.parameters.size(),
            3 * static_cast<std::size_t>(actor_layout(config).stride));
  for (const NetworkState* network : {&state.actor, &state.critic}) {
    EXPECT_EQ(network->target, network->parameters);
    const std::vector<float> zeros(network->parameters.size(), 0.0f);
    EXPECT_EQ(network->first_moment, zeros);
    EXPECT_EQ(network->second_moment, zeros);
  }
}

TEST(InitialState, EnvironmentsAreResetAndTheirFirstObservationStored) {
  const Config config = small_population();
  const TrainingState state = initial_state(config);
  const auto rows = static_cast<std::size_t>(derive(config).rows_per_environment);
  constexpr std::size_t row_floats = 6;
  ASSERT_EQ(state.replay_rows.size(), 12 * rows * row_floats);
  EXPECT_EQ(state.rows_written, std::vector<std::int64_t>(12, 1));
  EXPECT_EQ(state.episode_steps, std::vector<std::int32_t>(12, 0));
  EXPECT_EQ(state.episode_returns, std::vector<double>(12, 0.0));
  EXPECT_EQ(state.exploration_noise, std::vector<float>(12, 0.0f));
  ASSERT_EQ(state.environment_states.size(), 24u);
  for (std::size_t i = 0; i < 12; ++i) {
    const PhiloxRandom random{config.seed[static_cast<int>(i / 4)]};
    const auto expected =
        Pendulum::reset({10.0f}, environment_random(random, static_cast<std::int64_t>(i % 4), 0,
                                                    Purpose::environment_reset));
    EXPECT_EQ(state.environment_states[2 * i], expected.theta);
    EXPECT_EQ(state.environment_states[2 * i + 1], expected.theta_dot);
    float observation[3];
    Pendulum::observe(expected, observation);
    const float* const row = &state.replay_rows[i * rows * row_floats];
    for (int feature = 0; feature < 3; ++feature) EXPECT_EQ(row[feature], observation[feature]);
    EXPECT_EQ(row[5], static_cast<float>(static_cast<int>(RowKind::open)));
  }
}

TEST(InitialState, ItsFirstRowsAreAllOfTheReplayThatIsNotZero) {
  const Config config = small_population();
  TrainingState whole = initial_state(config);
  const TrainingState compact = initial_state_with_first_rows(config);
  constexpr std::size_t row_floats = 6;
  const std::size_t environment_floats =
      static_cast<std::size_t>(derive(config).rows_per_environment) * row_floats;
  ASSERT_EQ(compact.replay_rows.size(), 12 * row_floats);
  for (std::size_t i = 0; i < compact.replay_rows.size(); ++i) {
    float& value = whole.replay_rows[i / row_floats * environment_floats + i % row_floats];
    EXPECT_EQ(value, compact.replay_rows[i]);
    value = 0.0f;
  }
  EXPECT_EQ(whole.replay_rows, std::vector<float>(12 * environment_floats, 0.0f));
  EXPECT_EQ(whole.environment_states, compact.environment_states);
  EXPECT_EQ(whole.rows_written, compact.rows_written);
  EXPECT_EQ(whole.actor.parameters, compact.actor.parameters);
  EXPECT_EQ(whole.critic.target, compact.critic.target);
}

}  // namespace
}  // namespace polyak
