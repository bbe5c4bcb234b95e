// Recurrent policies, step by step, against the formulas in double precision.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "agent/policy_parameters.hpp"
#include "io/policy_samples.hpp"
#include "polyak/core/error.hpp"
#include "support/configs.hpp"
#include "support/print_enums.hpp"

namespace polyak {
namespace {

using Vector = std::vector<double>;

Vector product(const std::vector<float>& weight, const std::vector<float>& bias, const Vector& x) {
  Vector sums(bias.begin(), bias.end());
  for (std::size_t o = 0; o < sums.size(); ++o) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      sums[o] += static_cast<double>(weight[o * x.size() + i]) * x[i];
    }
  }
  return sums;
}

double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/// A recurrent policy as PyTorch's documentation writes LSTM and GRU; tanh layers without
/// normalisation.
class DoublePolicy {
 public:
  explicit DoublePolicy(const Policy& policy)
      : policy_(policy),
        hidden_(static_cast<std::size_t>(policy.cell->units)),
        cell_(hidden_.size()),
        action_(policy.action_scale.size()) {}

  Vector act(const std::vector<float>& observation, double previous_reward) {
    Vector x;
    for (std::size_t i = 0; i < observation.size(); ++i) {
      x.push_back(
          (static_cast<double>(observation[i]) - static_cast<double>(policy_.observation_mean[i])) *
          static_cast<double>(policy_.observation_scale[i]));
    }
    Vector input = x;
    input.insert(input.end(), action_.begin(), action_.end());
    input.push_back(static_cast<double>(policy_.reward_scale) * previous_reward);
    step_cell(input);
    Vector values = hidden_;
    values.insert(values.end(), x.begin(), x.end());
    for (const PolicyLayer& layer : policy_.layers) {
      values = product(layer.weight, layer.bias, values);
      for (double& value : values) value = std::tanh(value);
    }
    action_ = values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<double>(policy_.action_offset[i]) +
                  static_cast<double>(policy_.action_scale[i]) * values[i];
    }
    return values;
  }

  const Vector& hidden() const { return hidden_; }
  const Vector& cell() const { return cell_; }

 private:
  void step_cell(const Vector& input) {
    const PolicyCell& cell = *policy_.cell;
    const Vector s = product(cell.input_weight, cell.input_bias, input);
    const Vector u = product(cell.recurrent_weight, cell.recurrent_bias, hidden_);
    const std::size_t n = hidden_.size();
    for (std::size_t j = 0; j < n; ++j) {
      const double first = logistic(s[j] + u[j]), second = logistic(s[n + j] + u[n + j]);
      if (cell.kind == PolicyKind::lstm) {
        cell_[j] = second * cell_[j] + first * std::tanh(s[2 * n + j] + u[2 * n + j]);
        hidden_[j] = logistic(s[3 * n + j] + u[3 * n + j]) * std::tanh(cell_[j]);
      } else {
        const double candidate = std::tanh(s[2 * n + j] + first * u[2 * n + j]);
        hidden_[j] = (1.0 - second) * candidate + second * hidden_[j];
      }
    }
  }

  const Policy& policy_;
  Vector hidden_, cell_, action_;
};

/// With tanh layers, and offsets and scales of the action that show.
Policy tanh_policy(PolicyKind kind) {
  Policy policy = test::recurrent_policy(kind);
  policy.layers[0].norm_weight.clear();
  policy.layers[0].norm_bias.clear();
  policy.layers[0].activation = Activation::tanh;
  policy.action_offset = {0.5f};
  return policy;
}

std::vector<float> observation_at(int step) {
  const auto t = static_cast<float>(step);
  return {std::cos(t), std::sin(t), 3.0f + 0.5f * t};
}

class RecurrentPolicy : public testing::TestWithParam<PolicyKind> {};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentPolicy,
                         testing::Values(PolicyKind::lstm, PolicyKind::gru));

TEST_P(RecurrentPolicy, ActsAsTheFormulasOverAnEpisode) {
  const Policy policy = tanh_policy(GetParam());
  DoublePolicy expected(policy);
  PolicyMemory memory;
  for (int step = 0; step < 8; ++step) {
    const Vector action =
        expected.act(observation_at(step), static_cast<double>(memory.previous_reward));
    const std::vector<float> actual = policy.act(observation_at(step), memory);
    ASSERT_EQ(actual.size(), 1u);
    EXPECT_NEAR(static_cast<double>(actual[0]), action[0], 2e-6) << "step " << step;
    ASSERT_EQ(memory.previous_action.size(), 1u);
    EXPECT_NEAR(static_cast<double>(memory.previous_action[0]), (action[0] - 0.5) / 2.0, 1e-6);
    ASSERT_EQ(memory.hidden.size(), 7u);
    ASSERT_EQ(memory.cell.size(), GetParam() == PolicyKind::lstm ? 7u : 0u);
    for (std::size_t i = 0; i < 7; ++i) {
      EXPECT_NEAR(static_cast<double>(memory.hidden[i]), expected.hidden()[i], 1e-6);
      if (memory.cell.empty()) continue;
      EXPECT_NEAR(static_cast<double>(memory.cell[i]), expected.cell()[i], 2e-6);
    }
    memory.previous_reward = -1.0f + 0.7f * static_cast<float>(step);
  }
}

TEST_P(RecurrentPolicy, BeginsAgainWithANewMemory) {
  const Policy policy = test::recurrent_policy(GetParam());
  PolicyMemory first, second;
  const std::vector<float> at_start = policy.act(observation_at(0), first);
  EXPECT_NE(policy.act(observation_at(0), first), at_start);
  EXPECT_EQ(policy.act(observation_at(0), second), at_start);
}

TEST_P(RecurrentPolicy, DoesNotActWithoutAMemory) {
  const Policy policy = test::recurrent_policy(GetParam());
  try {
    policy.act(observation_at(0));
    FAIL() << "acted without a memory";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("call act(observation, memory)"));
  }
}

TEST_P(RecurrentPolicy, RefusesWhatDoesNotFit) {
  const Policy policy = test::recurrent_policy(GetParam());
  PolicyMemory memory;
  EXPECT_THROW(policy.act(std::vector<float>(10), memory), UsageError);
  memory.hidden.assign(6, 0.0f);
  EXPECT_THROW(policy.act(observation_at(0), memory), UsageError);
  memory = {{}, std::vector<float>(6), {}, 0.0f};
  EXPECT_THROW(policy.act(observation_at(0), memory), UsageError);
  memory = {{}, {}, std::vector<float>(2), 0.0f};
  EXPECT_THROW(policy.act(observation_at(0), memory), UsageError);
}

TEST(FeedForwardPolicy, ActsTheSameWithAMemory) {
  const Policy policy = test::normalised_policy();
  PolicyMemory memory;
  for (int step = 0; step < 3; ++step) {
    const std::vector<float> action = policy.act(observation_at(step), memory);
    EXPECT_EQ(action, policy.act(observation_at(step)));
    ASSERT_EQ(memory.previous_action.size(), 1u);
    EXPECT_EQ(action[0], 2.0f * memory.previous_action[0]);
    EXPECT_TRUE(memory.hidden.empty());
  }
}

TEST_P(RecurrentPolicy, IsPackedAsTheBackEndsLayItOut) {
  Config config = test::small_config();
  config.policy = GetParam();
  config.recurrent_units = 7;
  config.layer_norm = true;
  config.agents = 2;
  config.reward_scale = std::vector{2.0f, 0.3f};
  const TrainingState state = initial_state(config);
  const NetworkLayout layout = actor_layout(config);
  const auto stride = static_cast<std::size_t>(layout.stride);
  const std::vector<float> parameters(state.actor.parameters.end() - layout.stride,
                                      state.actor.parameters.end());
  ASSERT_EQ(state.actor.parameters.size(), 2 * stride);
  const Policy policy = unpack_policy(config, 1, parameters, {nullptr, nullptr});
  ASSERT_TRUE(policy.cell);
  EXPECT_EQ(policy.cell->kind, GetParam());
  EXPECT_EQ(policy.observation_size(), 3);
  EXPECT_EQ(policy.reward_scale, 0.3f);
  const auto at = [&](std::int64_t offset) { return parameters[static_cast<std::size_t>(offset)]; };
  EXPECT_EQ(policy.cell->input_weight.back(),
            at(layout.cell->input.weight_offset +
               layout.cell->input.inputs * layout.cell->input.outputs - 1));
  EXPECT_EQ(policy.cell->input_bias.front(), at(layout.cell->input.bias_offset));
  EXPECT_EQ(policy.cell->recurrent_weight.front(), at(layout.cell->recurrent.weight_offset));
  EXPECT_EQ(policy.cell->recurrent_bias.front(), at(layout.cell->recurrent.bias_offset));
  const PolicyNetwork network = pack_policy(policy);
  EXPECT_EQ(network.parameters, parameters);
  EXPECT_EQ(network.reward_scale, 0.3f);
  ASSERT_TRUE(network.layout.cell);
  EXPECT_EQ(network.layout.cell->kind, GetParam());
  EXPECT_EQ(network.layout.cell->observation_size, 3);
  EXPECT_EQ(network.layout.inputs(), layout.inputs());
  EXPECT_EQ(network.layout.stride, layout.stride);
}

}  // namespace
}  // namespace polyak
