// What the CPU back end reports, against what its replay says, and the detection of NaN.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "backend/cpu/agent_report.hpp"
#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"
#include "polyak/core/replay.hpp"
#include "support/configs.hpp"

namespace polyak {
namespace {

struct ReplaySums {
  std::int64_t episodes = 0, steps = 0;
  double return_sum = 0.0;
};

/// Sums over the finished episodes of one agent, from replay rows that have not wrapped around.
ReplaySums sum_episodes(const Config& config, const TrainingState& state, int agent) {
  constexpr std::size_t row_floats = 6;  // of the pendulum
  const auto ring = static_cast<std::size_t>(derive(config).rows_per_environment);
  const auto environments = static_cast<std::size_t>(config.environments);
  ReplaySums sums;
  for (std::size_t i = 0; i < environments; ++i) {
    const std::size_t environment = static_cast<std::size_t>(agent) * environments + i;
    const auto written = static_cast<std::size_t>(state.rows_written[environment]);
    EXPECT_LE(written, ring);
    double episode_return = 0.0;
    std::int64_t steps = 0;
    for (std::size_t number = 0; number < written; ++number) {
      const float* const row = &state.replay_rows[(environment * ring + number) * row_floats];
      const auto kind = static_cast<RowKind>(static_cast<int>(row[5]));
      if (kind == RowKind::open || kind == RowKind::last_observation) continue;
      episode_return += static_cast<double>(row[4]);
      ++steps;
      if (kind == RowKind::continuing) continue;
      sums.return_sum += episode_return;
      sums.steps += steps;
      ++sums.episodes;
      episode_return = 0.0;
      steps = 0;
    }
    EXPECT_NEAR(static_cast<double>(state.episode_returns[environment]), episode_return, 1e-4);
    EXPECT_EQ(state.episode_steps[environment], steps);
  }
  return sums;
}

Config without_wrap_around() {
  Config config = test::small_population();
  config.replay_capacity = 100'000;
  return config;
}

TEST(CpuMetrics, EpisodesAreThoseInTheReplay) {
  const Config config = without_wrap_around();
  const auto backend = make_cpu_backend(config);
  ReplaySums before[3];
  for (const std::int64_t iterations : {30, 47}) {
    backend->advance(iterations);
    const TrainingState state = backend->export_state();
    const std::vector<AgentMetrics> metrics = backend->metrics();
    ASSERT_EQ(metrics.size(), 3u);
    for (int agent = 0; agent < 3; ++agent) {
      const ReplaySums sums = sum_episodes(config, state, agent);
      ReplaySums& old = before[agent];
      const std::int64_t episodes = sums.episodes - old.episodes;
      const AgentMetrics& reported = metrics[static_cast<std::size_t>(agent)];
      ASSERT_GT(episodes, 0);
      EXPECT_EQ(reported.episodes, episodes);
      EXPECT_NEAR(reported.mean_return,
                  (sums.return_sum - old.return_sum) / static_cast<double>(episodes), 1e-4);
      EXPECT_DOUBLE_EQ(reported.mean_episode_length,
                       static_cast<double>(sums.steps - old.steps) / static_cast<double>(episodes));
      old = sums;
    }
  }
}

TEST(CpuMetrics, CountUpdatesSinceTheLastCall) {
  const Config config = test::small_config();
  const auto backend = make_cpu_backend(config);
  const std::int64_t first = derive(config).first_update_iteration;
  backend->advance(first);
  EXPECT_EQ(backend->metrics()[0].updates, 0);
  EXPECT_EQ(backend->export_state().updates, 0);
  backend->advance(1);
  EXPECT_EQ(backend->metrics()[0].updates, 2);
  backend->advance(5);
  EXPECT_EQ(backend->metrics()[0].updates, 10);
  EXPECT_EQ(backend->export_state().updates, 12);
  EXPECT_EQ(backend->export_state().vector_steps, first + 6);
}

TEST(CpuMetrics, MeansOfNothingAreNaN) {
  const auto backend = make_cpu_backend(test::small_config());
  const AgentMetrics metrics = backend->metrics()[0];
  EXPECT_EQ(metrics.episodes, 0);
  EXPECT_EQ(metrics.updates, 0);
  EXPECT_TRUE(std::isnan(metrics.mean_return));
  EXPECT_TRUE(std::isnan(metrics.mean_episode_length));
  EXPECT_TRUE(std::isnan(metrics.critic_loss));
  EXPECT_TRUE(std::isnan(metrics.actor_loss));
  EXPECT_TRUE(std::isnan(metrics.mean_q));
  EXPECT_TRUE(std::isnan(metrics.critic_gradient_norm));
  EXPECT_TRUE(std::isnan(metrics.actor_gradient_norm));
  EXPECT_EQ(metrics.policy_actions, 0);
  EXPECT_TRUE(std::isnan(metrics.saturated_share));
  EXPECT_FALSE(metrics.non_finite);
}

/// Trains for a while, breaks one value of agent 1 by `poison`, and trains on.
template <class Poison>
std::vector<AgentMetrics> metrics_after(const Config& config, const Poison& poison,
                                        std::int64_t iterations) {
  const auto backend = make_cpu_backend(config);
  backend->advance(20);
  backend->metrics();
  TrainingState state = backend->export_state();
  poison(state);
  backend->import_state(state);
  backend->advance(iterations);
  return backend->metrics();
}

/// Updates made in the first 20 iterations: two in each from first_update_iteration on.
std::int64_t updates_made(const Config& config) {
  return 2 * (20 - derive(config).first_update_iteration);
}

void expect_only_agent_one(const std::vector<AgentMetrics>& metrics, Quantity quantity,
                           std::int64_t update) {
  EXPECT_FALSE(metrics[0].non_finite);
  EXPECT_FALSE(metrics[2].non_finite);
  ASSERT_TRUE(metrics[1].non_finite);
  EXPECT_EQ(metrics[1].non_finite->quantity, quantity)
      << to_string(metrics[1].non_finite->quantity);
  EXPECT_EQ(metrics[1].non_finite->update, update);
}

class NonFiniteParameter : public testing::TestWithParam<float> {};
INSTANTIATE_TEST_SUITE_P(Values, NonFiniteParameter,
                         testing::Values(std::numeric_limits<float>::quiet_NaN(),
                                         std::numeric_limits<float>::infinity()));

TEST_P(NonFiniteParameter, OfTheCriticShowsInItsLossAtOnce) {
  const Config config = test::small_population();
  const auto last_bias = static_cast<std::size_t>(critic_layout(config).layers.back().bias_offset +
                                                  critic_layout(config).stride);
  const auto metrics = metrics_after(
      config, [&](TrainingState& state) { state.critic.parameters[last_bias] = GetParam(); }, 3);
  expect_only_agent_one(metrics, Quantity::critic_loss, updates_made(config) + 1);
}

TEST(NonFiniteParameters, OfAHiddenUnitAreNotSwallowedByRelu) {
  const Config config = test::small_population();
  const auto first_weight = static_cast<std::size_t>(critic_layout(config).stride);
  const auto metrics = metrics_after(
      config,
      [&](TrainingState& state) {
        state.critic.parameters[first_weight] = std::numeric_limits<float>::quiet_NaN();
      },
      3);
  expect_only_agent_one(metrics, Quantity::critic_loss, updates_made(config) + 1);
}

// A NaN in the actor reaches the actor's loss in the next update, whatever the critic's batch
// holds.
TEST(NonFiniteParameters, OfTheActorShowAtOnce) {
  const Config config = test::small_population();
  const auto last_bias = static_cast<std::size_t>(actor_layout(config).layers.back().bias_offset +
                                                  actor_layout(config).stride);
  const auto metrics = metrics_after(
      config,
      [&](TrainingState& state) {
        state.actor.parameters[last_bias] = std::numeric_limits<float>::quiet_NaN();
      },
      3);
  ASSERT_TRUE(metrics[1].non_finite);
  EXPECT_EQ(metrics[1].non_finite->update, updates_made(config) + 1);
  EXPECT_FALSE(metrics[0].non_finite);
  EXPECT_FALSE(metrics[2].non_finite);
}

TEST(NonFiniteReport, NamesTheFirstUpdateAndIsGivenOnce) {
  const Config config = test::small_population();
  const auto backend = make_cpu_backend(config);
  backend->advance(20);
  TrainingState state = backend->export_state();
  state.critic.parameters[0] = std::numeric_limits<float>::quiet_NaN();
  backend->import_state(state);
  backend->metrics();
  backend->advance(2);
  const AgentMetrics metrics = backend->metrics()[0];
  ASSERT_TRUE(metrics.non_finite);
  EXPECT_EQ(metrics.non_finite->update, updates_made(config) + 1);
  EXPECT_EQ(metrics.updates, 4);
}

// The environment is to blame, before any loss that follows from it.
TEST(NonFiniteReport, ARewardNamesItsStepAndComesBeforeTheLosses) {
  Config config = test::small_population();
  config.warmup_steps = 1000;  // the actions do not depend on the broken state
  const auto second_agents_state = static_cast<std::size_t>(2 * config.environments);
  const auto metrics = metrics_after(
      config,
      [&](TrainingState& state) {
        state.environment_states[second_agents_state] = std::numeric_limits<float>::quiet_NaN();
      },
      9);
  expect_only_agent_one(metrics, Quantity::reward, updates_made(config));
  EXPECT_EQ(metrics[1].non_finite->vector_step, 21);
}

// Each error fits float32 and so does every value; their mean square does not.
TEST(NonFiniteReport, ALossBeyondFloat32IsNoNumber) {
  const Config config = test::small_population();
  const auto last_bias = static_cast<std::size_t>(critic_layout(config).layers.back().bias_offset +
                                                  critic_layout(config).stride);
  const auto metrics = metrics_after(
      config, [&](TrainingState& state) { state.critic.parameters[last_bias] = 1e25f; }, 1);
  expect_only_agent_one(metrics, Quantity::critic_loss, updates_made(config) + 1);
}

TEST(NonFiniteReport, OfSeveralBadRewardsTheEarliestIsTold) {
  std::vector<EpisodeTotals> environments(5);
  environments[1].non_finite_step = 70;
  environments[2].non_finite_step = 30;
  environments[4].non_finite_step = 40;
  EXPECT_EQ(cpu::take_totals(environments).non_finite_step, 30);
  EXPECT_EQ(cpu::take_totals(environments).non_finite_step, 0) << "told once";
}

TEST(CpuMetrics, BeginAnewWithAnImportedState) {
  Config config = test::small_population();
  config.normalise_observations = true;
  const auto source = make_cpu_backend(config), target = make_cpu_backend(config);
  source->advance(25);
  target->advance(20);
  target->import_state(source->export_state());
  for (const AgentMetrics& metrics : target->metrics()) {
    EXPECT_EQ(metrics.episodes, 0);
    EXPECT_EQ(metrics.updates, 0);
    EXPECT_EQ(metrics.policy_actions, 0);
  }
  EXPECT_EQ(target->observation_normalisers().mean, source->observation_normalisers().mean);
  EXPECT_EQ(target->observation_normalisers().scale, source->observation_normalisers().scale);
  const std::vector<float> starts = {0.3f, -0.2f, 3.0f, 1.0f};
  EXPECT_EQ(target->evaluate(starts), source->evaluate(starts));
}

TEST(CpuMetrics, SaturationIsOfThePolicysOwnActionsAfterTheWarmUp) {
  Config config = test::small_population();
  const DerivedConfig derived = derive(config);
  const auto backend = make_cpu_backend(config);
  backend->advance(derived.warmup_iterations);
  EXPECT_EQ(backend->metrics()[0].policy_actions, 0);
  TrainingState state = backend->export_state();
  const NetworkLayout layout = actor_layout(config);
  // Beyond any doubt the second agent's actions are at their bound, by an offset of 100 before
  // tanh.
  state.actor
      .parameters[static_cast<std::size_t>(layout.stride + layout.layers.back().bias_offset)] =
      100.0f;
  backend->import_state(state);
  backend->advance(1);
  const std::vector<AgentMetrics> metrics = backend->metrics();
  const std::int64_t actions =
      std::int64_t{config.environments} * derived.vector_steps_per_iteration;
  for (const AgentMetrics& agent : metrics) EXPECT_EQ(agent.policy_actions, actions);
  EXPECT_EQ(metrics[0].saturated_share, 0.0);
  EXPECT_EQ(metrics[1].saturated_share, 1.0);
  EXPECT_EQ(metrics[2].saturated_share, 0.0);
}

TEST(NonFiniteReport, ParametersAreLookedAtWhenMetricsAreAskedFor) {
  const Config config = test::small_population();
  for (const bool of_actor : {true, false}) {
    const auto metrics = metrics_after(
        config,
        [&](TrainingState& state) {
          NetworkState& networks = of_actor ? state.actor : state.critic;
          networks.parameters[networks.parameters.size() / 2] =
              std::numeric_limits<float>::infinity();
        },
        0);
    expect_only_agent_one(metrics, Quantity::parameter, updates_made(config));
  }
}

}  // namespace
}  // namespace polyak
