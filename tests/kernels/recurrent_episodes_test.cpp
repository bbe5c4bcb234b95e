// Episodes of recurrent policies against Policy::act, which is held against the formulas in double
// precision elsewhere.
#include "agent/policy_parameters.hpp"
#include "kernels/episode_case.hpp"

namespace polyak::test {
namespace {

/// What a recurrent policy is made of besides its environment.
struct EpisodeShape {
  PolicyKind kind;
  int units;
  std::vector<int> hidden;
  bool layer_norm = false;
  bool normalised = false;
  bool scaled_rewards = true;
};

template <Environment E>
Policy random_policy(const EpisodeShape& shape, unsigned seed) {
  // Larger than what training starts from, so that what is remembered shows in the actions.
  const auto values = [&](int outputs, int inputs, float range) {
    std::vector<float> result = random_values(static_cast<std::size_t>(outputs * inputs), seed++);
    for (float& value : result) value *= range / std::sqrt(static_cast<float>(inputs));
    return result;
  };
  Policy policy;
  const int sums = gate_count(shape.kind) * shape.units;
  const int inputs = E::observation_size + E::action_size + 1;
  policy.cell = PolicyCell{shape.kind,
                           inputs,
                           shape.units,
                           values(sums, inputs, 2.0f),
                           values(sums, 1, 0.5f),
                           values(sums, shape.units, 2.0f),
                           values(sums, 1, 0.5f)};
  int width = shape.units + E::observation_size;
  const auto add_layer = [&](int outputs, Activation activation) {
    policy.layers.push_back(
        {width, outputs, activation, values(outputs, width, 2.0f), values(outputs, 1, 0.2f)});
    width = outputs;
  };
  for (const int outputs : shape.hidden) {
    add_layer(outputs, Activation::elu);
    if (!shape.layer_norm) continue;
    policy.layers.back().norm_weight = values(outputs, 1, 1.0f);
    policy.layers.back().norm_bias = values(outputs, 1, 1.0f);
  }
  add_layer(E::action_size, Activation::tanh);
  if (shape.normalised) {
    policy.observation_mean = values(E::observation_size, 1, 0.5f);
    policy.observation_scale = std::vector<float>(E::observation_size, 0.7f);
  }
  policy.action_offset.assign(E::action_size, 0.0f);
  policy.action_scale.assign(E::action_size, 1.0f);
  return policy;
}

/// Policies of several agents, each with its own parameters, normaliser and reward scale.
template <Environment E>
class RecurrentCase {
 public:
  RecurrentCase(int agents, const EpisodeShape& shape) {
    for (int agent = 0; agent < agents; ++agent) {
      policies_.push_back(random_policy<E>(shape, 100u * static_cast<unsigned>(agent + 1)));
      if (shape.scaled_rewards) {
        policies_.back().reward_scale = 0.5f + static_cast<float>(agent);
        reward_scales_.push_back(policies_.back().reward_scale);
      }
      const PolicyNetwork network = pack_policy(policies_.back());
      layout_ = network.layout;
      // Tensors that are not aligned, and NaN between the agents.
      parameters_.push_back(std::nanf(""));
      parameters_.insert(parameters_.end(), network.parameters.begin(), network.parameters.end());
      parameters_.insert(parameters_.end(), 2, std::nanf(""));
      mean_.insert(mean_.end(), network.normaliser.mean.begin(), network.normaliser.mean.end());
      scale_.insert(scale_.end(), network.normaliser.scale.begin(), network.normaliser.scale.end());
    }
  }

  std::vector<float> evaluate(int first_agent, int agents, const std::vector<float>& starts,
                              int time_limit, std::size_t first_episode = 0) const {
    const Device device(*this);
    return evaluate_policies<E>(policies(device, first_agent), agents, starts, time_limit,
                                first_episode);
  }

  Recording record(int agent, const std::vector<float>& starts, int time_limit) const {
    const Device device(*this);
    return record_policy<E>(policies(device, agent), starts, time_limit);
  }

  void expect_consistent(int agent, const Recording& recording, const std::vector<float>& starts,
                         int time_limit) const {
    const auto begin_episode = [&] {
      return [&, memory = PolicyMemory{}](const float* observation, float reward) mutable {
        memory.previous_reward = reward;
        const std::span<const float> values(observation, E::observation_size);
        const std::vector<float> action =
            policies_[static_cast<std::size_t>(agent)].act(values, memory);
        return std::vector<double>(action.begin(), action.end());
      };
    };
    expect_consistent_steps<E>(begin_episode, recording, starts, time_limit);
  }

 private:
  struct Device {
    explicit Device(const RecurrentCase& source)
        : parameters(source.parameters_),
          mean(source.mean_),
          scale(source.scale_),
          reward_scale(source.reward_scales_) {}
    DeviceBuffer<float> parameters, mean, scale, reward_scale;
  };

  kernels::Policies policies(const Device& device, int first_agent) const {
    kernels::Policies result{};
    for (const LinearLayout& layer : layout_.layers) {
      result.layers.at(static_cast<std::size_t>(result.layer_count++)) = {
          layer.inputs,     layer.outputs,    layer.weight_offset,      layer.bias_offset,
          layer.activation, layer.layer_norm, layer.norm_weight_offset, layer.norm_bias_offset};
    }
    result.agent_stride = layout_.stride + 3;
    result.parameters = device.parameters.data() + first_agent * result.agent_stride + 1;
    if (!mean_.empty()) {
      const int first = first_agent * E::observation_size;
      result.normalisers = {device.mean.data() + first, device.scale.data() + first,
                            E::observation_size};
    }
    const CellLayout& cell = *layout_.cell;
    result.cell = {cell.kind,
                   cell.units,
                   cell.input.inputs,
                   cell.input.weight_offset,
                   cell.input.bias_offset,
                   cell.recurrent.weight_offset,
                   cell.recurrent.bias_offset};
    if (!reward_scales_.empty()) {
      result.reward_scale = device.reward_scale.data() + first_agent;
    }
    return result;
  }

  std::vector<Policy> policies_;
  NetworkLayout layout_{};
  std::vector<float> parameters_, mean_, scale_, reward_scales_;
};

template <class E>
class RecurrentEpisodesTest : public testing::Test {};
TYPED_TEST_SUITE(RecurrentEpisodesTest, EveryEnvironment, EnvironmentNames);

const std::vector<EpisodeShape>& episode_shapes() {
  static const std::vector<EpisodeShape> all = {
      {PolicyKind::lstm, 1, {}},
      {PolicyKind::gru, 3, {}, false, false, false},
      {PolicyKind::gru, 31, {33}, true},
      {PolicyKind::lstm, 33, {65, 7}, true, true},
      {PolicyKind::gru, 64, {64}, false, true},
      {PolicyKind::lstm, 65, {5}},  // eight episodes at a time
      {PolicyKind::gru, 255, {3}},  // four
      {PolicyKind::lstm, 256, {1023}},
  };
  return all;
}

TYPED_TEST(RecurrentEpisodesTest, EveryRecordedStepIsRight) {
  constexpr int time_limit = 9;
  for (const EpisodeShape& shape : episode_shapes()) {
    const RecurrentCase<TypeParam> policy(1, shape);
    for (const std::size_t count : {1u, 17u}) {
      const std::vector<float> starts = start_states<TypeParam>(count);
      const Recording recording = policy.record(0, starts, time_limit);
      policy.expect_consistent(0, recording, starts, time_limit);
      if (this->HasFatalFailure()) FAIL() << shape.units << " units, " << count << " episodes";
      EXPECT_TRUE(same_bits(policy.evaluate(0, 1, starts, time_limit), recording.returns));
    }
  }
}

TYPED_TEST(RecurrentEpisodesTest, EveryAgentHasItsOwnPolicy) {
  for (const PolicyKind kind : {PolicyKind::lstm, PolicyKind::gru}) {
    const RecurrentCase<TypeParam> policy(3, {kind, 17, {31}, true, true});
    const std::vector<float> starts = start_states<TypeParam>(33);
    std::vector<float> alone;
    for (int agent = 0; agent < 3; ++agent) {
      const Recording recording = policy.record(agent, starts, 10);
      policy.expect_consistent(agent, recording, starts, 10);
      if (this->HasFatalFailure()) FAIL() << "agent " << agent;
      alone.insert(alone.end(), recording.returns.begin(), recording.returns.end());
    }
    EXPECT_TRUE(same_bits(policy.evaluate(0, 3, starts, 10), alone));
    const std::vector<float> last_start(starts.end() - TypeParam::state_size, starts.end());
    EXPECT_EQ(policy.evaluate(2, 1, last_start, 10, starts.size() / TypeParam::state_size - 1)[0],
              alone.back());
  }
}

TYPED_TEST(RecurrentEpisodesTest, ThreadOrderDoesNotMatter) {
  const RecurrentCase<TypeParam> policy(2, {PolicyKind::lstm, 33, {7}, true});
  const std::vector<float> starts = start_states<TypeParam>(17);
  same_bits_in_every_order([&] { return policy.evaluate(0, 2, starts, 5); });
}

/// Zeros for one agent's pendulum whose policy has this cell in front of one layer.
kernels::Policies fitting_policies(const DeviceBuffer<float>& parameters, PolicyKind kind) {
  kernels::Policies policies{};
  policies.parameters = parameters.data();
  policies.layer_count = 1;
  policies.layers[0] = {7, 1, 0, 0, Activation::tanh};
  policies.cell = {kind, 4, 5, 0, 0, 0, 0};
  return policies;
}

TEST(RecurrentEpisodesKernel, RefusesWhatDoesNotFit) {
  const DeviceBuffer<float> parameters(std::vector<float>(256));
  for (const PolicyKind kind : {PolicyKind::lstm, PolicyKind::gru}) {
    const auto status = [&](auto change) {
      const std::vector<float> environment_parameters =
          EnvironmentCase<Pendulum>::parameter_values();
      kernels::EvaluateEpisodes arguments{};
      arguments.environment = {Pendulum::name, environment_parameters, 10};
      arguments.agents = 1;
      arguments.policies = fitting_policies(parameters, kind);
      change(arguments.policies);
      return kernels::launch_evaluate_episodes(arguments, nullptr);
    };
    using kernels::Policies;
    EXPECT_EQ(status([](Policies&) {}), cudaSuccess);
    EXPECT_EQ(status([](Policies& p) { p.cell.inputs = 4; }), cudaErrorInvalidValue);
    EXPECT_EQ(status([](Policies& p) { p.layers[0].inputs = 3; }), cudaErrorInvalidValue)
        << "a layer that does not see the cell";
    EXPECT_EQ(status([](Policies& p) {
                p.cell.units = 0;
                p.layers[0].inputs = 3;
              }),
              cudaErrorInvalidValue);
    EXPECT_EQ(status([](Policies& p) {
                p.cell.units = 256;
                p.layers[0].inputs = 259;
              }),
              cudaSuccess);
    EXPECT_EQ(status([](Policies& p) {
                p.cell.units = 257;
                p.layers[0].inputs = 260;
              }),
              cudaErrorInvalidValue);
  }
}

}  // namespace
}  // namespace polyak::test
