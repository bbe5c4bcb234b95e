// Noise-free episodes on the CPU against an independent rollout in double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"
#include "oracle/environment.hpp"
#include "oracle/network.hpp"
#include "polyak/environment/registry.hpp"
#include "support/configs.hpp"
#include "support/reference_data.hpp"

namespace polyak {
namespace {

/// Return of one episode, and its length.
struct OracleEpisode {
  double episode_return = 0.0;
  int length = 0;
};

/// An actor and what it makes of observations.
struct OraclePolicy {
  oracle::Network actor;
  std::vector<double> mean, deviation;  // empty: observations stay as they are

  double act(std::vector<double> observation) const {
    for (std::size_t i = 0; i < mean.size(); ++i) {
      observation[i] = (observation[i] - mean[i]) / deviation[i];
    }
    return oracle::forward(actor, observation).output[0];
  }
};

OracleEpisode oracle_episode(const Config& config, const OraclePolicy& policy,
                             std::span<const float> start) {
  const auto environment =
      oracle::make_environment(config.environment, environment_parameter_values(config));
  std::vector<double> state(start.begin(), start.end());
  OracleEpisode episode;
  for (bool ended = false; !ended && episode.length < derive(config).evaluation_time_limit;) {
    const double action = policy.act(environment->observe(state));
    const oracle::Outcome outcome = environment->step(state, action * environment->action_bound());
    episode.episode_return += outcome.reward;
    ++episode.length;
    state = outcome.next;
    ended = outcome.terminated;
  }
  return episode;
}

OraclePolicy policy_of(const Config& config, const TrainingState& state, int agent) {
  const NetworkLayout layout = actor_layout(config);
  OraclePolicy policy;
  policy.actor = oracle::unpack(layout,
                                std::span(state.actor.parameters)
                                    .subspan(static_cast<std::size_t>(agent * layout.stride),
                                             static_cast<std::size_t>(layout.stride)),
                                0, test::agent_part(state, config.agents, agent).actor.statistics);
  const double count = static_cast<double>(state.vector_steps * config.environments);
  const std::vector<Moments> own =
      test::agent_part(state, config.agents, agent).observation_moments;
  for (const Moments& moments : own) {
    policy.mean.push_back(moments.mean);
    policy.deviation.push_back(std::sqrt(moments.squares / count + 1e-8));
  }
  return policy;
}

/// Evaluates every agent from every start and compares with the oracle; returns how many of the
/// oracle's episodes ended before the time limit.
int expect_oracle_returns(const Config& config, std::span<const float> starts, double tolerance) {
  const auto backend = make_cpu_backend(config);
  backend->advance(30);
  const TrainingState state = backend->export_state();
  const std::vector<float> returns = backend->evaluate(starts);
  const std::size_t count = starts.size() / 2;
  EXPECT_EQ(returns.size(), static_cast<std::size_t>(config.agents) * count);
  int early = 0;
  for (int agent = 0; agent < config.agents; ++agent) {
    const OraclePolicy policy = policy_of(config, state, agent);
    for (std::size_t i = 0; i < count; ++i) {
      const OracleEpisode episode = oracle_episode(config, policy, starts.subspan(2 * i, 2));
      early += episode.length < derive(config).evaluation_time_limit;
      EXPECT_NEAR(returns[static_cast<std::size_t>(agent) * count + i], episode.episode_return,
                  tolerance)
          << "agent " << agent << " start " << i;
    }
  }
  return early;
}

// 25 steps: later, float32 and double precision diverge because the pendulum is chaotic.
TEST(CpuEvaluate, MatchesADoublePrecisionRollout) {
  Config config = test::small_population();
  config.time_limit = 25;
  // 100 starts are more than one piece of work, and not a whole number of pieces.
  expect_oracle_returns(config, test::pendulum_starts(100).states, 5e-3);
  config.normalise_observations = true;
  expect_oracle_returns(config, test::pendulum_starts(100).states, 5e-3);
}

TEST(CpuEvaluate, HasATimeLimitOfItsOwn) {
  Config config = test::small_population();
  config.time_limit = 7;
  config.evaluation_time_limit = 25;
  expect_oracle_returns(config, test::pendulum_starts(10).states, 5e-3);
}

TEST(CpuEvaluate, MatchesADoublePrecisionRolloutThroughNormalisedLayers) {
  Config config = test::small_population();
  config.layer_norm = true;
  config.time_limit = 25;
  expect_oracle_returns(config, test::pendulum_starts(100).states, 5e-3);
}

TEST(CpuEvaluate, MatchesADoublePrecisionRolloutByRunningStatistics) {
  Config config = test::small_population();
  config.batch_norm = true;
  config.time_limit = 25;
  expect_oracle_returns(config, test::pendulum_starts(100).states, 5e-3);
}

TEST(CpuEvaluate, EndsWithTheEpisode) {
  Config config = test::small_population();
  config.environment = "MountainCarContinuous-v0";
  config.time_limit = 40;
  const std::vector<float> starts = {0.449f, 0.05f, -0.5f, 0.0f, 0.2f, 0.065f, 0.4f, 0.06f};
  EXPECT_GE(expect_oracle_returns(config, starts, 1e-3), 6);
}

TEST(CpuEvaluate, DoesNotDependOnThreadsOrCompany) {
  Config config = test::small_population();
  config.threads = 3;
  const std::vector<float> starts = test::pendulum_starts(70).states;
  const std::vector<float> together = make_cpu_backend(config)->evaluate(starts);
  for (int agent = 0; agent < 3; ++agent) {
    Config alone = single_agent_config(config, agent);
    alone.threads = 1;
    const auto backend = make_cpu_backend(alone);
    for (std::size_t i = 0; i < 70; ++i) {
      const std::vector<float> one = backend->evaluate(std::span(starts).subspan(2 * i, 2));
      ASSERT_EQ(one, std::vector<float>{together[static_cast<std::size_t>(agent) * 70 + i]});
    }
  }
}

TEST(CpuEvaluate, OfNoStartsIsEmpty) {
  EXPECT_TRUE(make_cpu_backend(test::small_config())->evaluate({}).empty());
}

/// A policy with a small random network for an environment of one action.
Policy random_policy(const Config& config) {
  const NetworkLayout layout = actor_layout(config);
  const TrainingState state = initial_state(config);
  const EnvironmentInfo info = find_environment(config.environment);
  Policy policy;
  policy.environment = config.environment;
  policy.environment_parameters = environment_parameter_values(config);
  policy.action_scale = {info.action_high(0)};
  policy.action_offset = {0.0f};
  for (const LinearLayout& layer : layout.layers) {
    const auto weight = state.actor.parameters.begin() + layer.weight_offset;
    const auto bias = state.actor.parameters.begin() + layer.bias_offset;
    policy.layers.push_back({layer.inputs,
                             layer.outputs,
                             layer.activation,
                             {weight, weight + std::int64_t{layer.inputs} * layer.outputs},
                             {bias, bias + layer.outputs}});
  }
  return policy;
}

TEST(CpuSimulator, EvaluatesAPolicyAsItsTraining) {
  const Config config = test::small_config();
  const auto simulator = make_cpu_simulator({config.environment, {10.0f}, 200, 2});
  Config whole_episodes = config;
  whole_episodes.time_limit = 200;
  const std::vector<float> starts = test::pendulum_starts(70).states;
  EXPECT_EQ(simulator->evaluate(random_policy(config), starts),
            make_cpu_backend(whole_episodes)->evaluate(starts));
}

TEST(CpuSimulator, SingleStepsAreTheEnvironments) {
  const auto simulator = make_cpu_simulator({"MountainCarContinuous-v0", {0.0f}, 999, 1});
  const std::vector<float> states = {-0.5f, 0.0f, 0.449f, 0.05f, -1.2f, -0.05f};
  const std::vector<float> actions = {0.5f, 2.5f, -1.0f};
  const TransitionResult result = simulator->step(states, actions);
  ASSERT_EQ(result.rewards.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto expected =
        MountainCarContinuous::step({0.0f}, {states[2 * i], states[2 * i + 1]}, &actions[i]);
    EXPECT_EQ(result.next_states[2 * i], expected.next.position);
    EXPECT_EQ(result.next_states[2 * i + 1], expected.next.velocity);
    EXPECT_EQ(result.rewards[i], expected.reward);
    EXPECT_EQ(result.terminated[i], expected.terminated);
    EXPECT_EQ(result.observations[2 * i], expected.next.position);
  }
  EXPECT_EQ(result.terminated, (std::vector<std::uint8_t>{0, 1, 0}));
}

// Summed in float32, these 100,000 costs of up to 16 would be off by hundreds.
TEST(CpuSimulator, LongReturnsLoseNothing) {
  const Config config = test::small_config();
  constexpr int limit = 100'000;
  const auto simulator = make_cpu_simulator({config.environment, {10.0f}, limit, 1});
  const std::vector<float> start = {3.0f, 0.0f};
  const Trajectories rollout = simulator->rollout(random_policy(config), start);
  const double sum = std::accumulate(rollout.rewards.begin(), rollout.rewards.end(), 0.0);
  EXPECT_LT(sum, -1e5);
  EXPECT_EQ(simulator->evaluate(random_policy(config), start)[0], static_cast<float>(sum));
}

TEST(CpuSimulator, RolloutsAreChainsOfSteps) {
  Config config = test::small_config();
  config.environment = "MountainCarContinuous-v0";
  const Policy policy = random_policy(config);
  constexpr int limit = 30;
  const auto simulator = make_cpu_simulator({config.environment, {0.0f}, limit, 2});
  const std::vector<float> starts = {-0.5f, 0.0f, 0.449f, 0.05f, 0.3f, 0.065f};
  const Trajectories rollout = simulator->rollout(policy, starts);
  const std::vector<float> returns = simulator->evaluate(policy, starts);
  ASSERT_EQ(rollout.lengths.size(), 3u);
  EXPECT_EQ(rollout.lengths[0], limit);
  EXPECT_EQ(rollout.lengths[1], 1);
  EXPECT_EQ(rollout.terminated, (std::vector<std::uint8_t>{0, 1, 1}));
  for (std::size_t i = 0; i < 3; ++i) {
    double sum = 0.0;
    const float* state = &rollout.states[i * (limit + 1) * 2];
    EXPECT_EQ(state[0], starts[2 * i]);
    EXPECT_EQ(state[1], starts[2 * i + 1]);
    for (std::size_t t = 0; t < static_cast<std::size_t>(rollout.lengths[i]); ++t, state += 2) {
      const float action = rollout.actions[i * limit + t];
      float observation[2];
      MountainCarContinuous::observe({state[0], state[1]}, observation);
      // The two may add up their products in different orders.
      EXPECT_NEAR(action, policy.act(observation)[0], 2e-6f);
      const auto expected = MountainCarContinuous::step({0.0f}, {state[0], state[1]}, &action);
      EXPECT_EQ(state[2], expected.next.position);
      EXPECT_EQ(state[3], expected.next.velocity);
      EXPECT_EQ(rollout.rewards[i * limit + t], expected.reward);
      sum += static_cast<double>(expected.reward);
    }
    EXPECT_EQ(returns[i], static_cast<float>(sum));
  }
}

}  // namespace
}  // namespace polyak
