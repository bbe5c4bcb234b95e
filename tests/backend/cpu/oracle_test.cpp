// Whole training on the CPU against the double-precision oracle, at odd sizes.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "backend/cpu/cpu_backend.hpp"
#include "oracle/comparison.hpp"
#include "oracle/training.hpp"
#include "support/configs.hpp"

namespace polyak {
namespace {

struct OracleCase {
  std::string name;
  std::function<void(Config&)> change;  // of small_config()
};

void PrintTo(const OracleCase& oracle_case, std::ostream* stream) { *stream << oracle_case.name; }

const OracleCase cases[] = {
    {"Small", [](Config&) {}},
    {"AllOnes",
     [](Config& c) {
       c.environments = c.batch_size = 1;
       c.learning_starts = c.warmup_steps = 1;
       c.update_to_data = 1.0;
       c.actor_hidden = c.critic_hidden = {1};
       c.activation = Activation::tanh;
     }},
    {"SevenEnvironments",
     [](Config& c) {
       c.environments = 7;
       c.update_to_data = 1.0 / 7.0;
       c.actor_hidden = {65, 31};
       c.critic_hidden = {31, 65};
     }},
    {"FourLayersElu",
     [](Config& c) {
       c.actor_hidden = {5, 31, 65, 1};
       c.critic_hidden = {1, 33, 16, 7};
       c.activation = Activation::elu;
     }},
    {"ThreeLayersTanh",
     [](Config& c) {
       c.actor_hidden = {31, 32, 33};
       c.critic_hidden = {65};
       c.activation = Activation::tanh;
     }},
    {"ManyEnvironmentsAndALargeBatch",
     [](Config& c) {
       c.environments = 67;
       c.batch_size = 193;
       c.learning_starts = c.replay_capacity = 193;
       c.update_to_data = 1.0 / 67.0;
     }},
    {"OrnsteinUhlenbeck",
     [](Config& c) {
       c.exploration = Exploration::ornstein_uhlenbeck;
       c.noise_scale = 0.3f;
       c.noise_dt = 0.5f;
       c.warmup_steps = 0;
     }},
    {"PositionsOnly", [](Config& c) { c.environment = "Pendulum-P"; }},
    {"VelocityOnly", [](Config& c) { c.environment = "Pendulum-V"; }},
    {"NoVelocity", [](Config& c) { c.environment = "Pendulum-NoVel"; }},
    {"MountainCar",
     [](Config& c) {
       c.environment = "MountainCarContinuous-v0";
       c.environments = 7;
       c.update_to_data = 3.0 / 7.0;
     }},
    {"SeveralStepsAndUpdatesPerIteration",
     [](Config& c) {
       c.steps_per_iteration = 4;
       c.update_to_data = 0.25;
       c.final_layer_range = 0.003f;
       c.environment_parameters = {"gravity=9.81"};
     }},
    {"OtherAdam",
     [](Config& c) {
       c.adam_beta1 = 0.0f;
       c.adam_beta2 = 0.9f;
       c.adam_epsilon = 1e-3f;
       c.tau = 1.0f;
       c.discount = 1.0f;
     }},
    {"TinyRing", [](Config& c) { c.batch_size = 9, c.replay_capacity = 9; }},
    {"Td3",
     [](Config& c) {
       apply_algorithm(c, Algorithm::td3);
       c.learning_rate_decay = LearningRateDecay::linear;
       c.total_steps = 150;
     }},
    {"LayerNorm", test::normalise_layers},
    {"LayerNormWithEverything",
     [](Config& c) {
       c = test::mixed_population();
       c.layer_norm = true;
       c.actor_hidden = {31, 17, 1};
     }},
    {"ActorFirst", [](Config& c) { c.actor_first = true; }},
    {"ActorFirstWithDelays",
     [](Config& c) {
       c.actor_first = true;
       c.actor_delay = 3;
       c.target_delay = 2;
       c.twin_critics = true;
     }},
    {"PaperCritic",
     [](Config& c) {
       c.critic_action_layer = 1;
       c.critic_weight_decay = 0.01f;
       c.tau = 0.1f;
     }},
    {"ActionInTheLastLayer",
     [](Config& c) {
       c.critic_action_layer = 3;
       c.critic_hidden = {5, 33, 16};
       c.twin_critics = true;
       c.batch_size = 67;
       c.learning_starts = c.replay_capacity = 67;
     }},
    {"AdamWAndClipping",
     [](Config& c) {
       c.actor_weight_decay = 0.1f;
       c.critic_weight_decay = 0.2f;
       c.decoupled_weight_decay = true;
       c.gradient_clip = 0.05f;
       c.twin_critics = true;
       c.adam_epsilon = 1e-3f;
     }},
};

/// Iterations until learning has started, and twenty more.
std::int64_t twenty_learning_iterations(const Config& config) {
  return derive(config).first_update_iteration + 20;
}

// Float32 keeps 1e-7 of a value per operation. After twenty updates of 1e-3 each the parameters
// were found within 3e-7 of the oracle's, and states, whose rounding grows between two resets,
// within 2e-6; the tolerances are ten times that.
constexpr oracle::Tolerances tolerances{.parameter = 3e-6,
                                        .first_moment = 1e-4,
                                        .second_moment = 1e-4,
                                        .observation = 2e-5,
                                        .action = 2e-5,
                                        .reward = 1e-4};

void expect_agreement_from(const Config& config, const TrainingState& start,
                           std::int64_t iterations) {
  validate(config);
  const auto backend = make_cpu_backend(config);
  backend->import_state(start);
  backend->advance(iterations);
  const TrainingState state = backend->export_state();
  const std::vector<AgentMetrics> metrics = backend->metrics();
  for (int agent = 0; agent < config.agents; ++agent) {
    oracle::Training training(config, start, agent);
    for (std::int64_t i = 0; i < iterations; ++i) training.iterate();
    oracle::expect_agreement(training, config, state, tolerances);
    const oracle::Totals& totals = training.totals();
    const AgentMetrics& reported = metrics[static_cast<std::size_t>(agent)];
    ASSERT_EQ(reported.updates, totals.updates);
    ASSERT_EQ(reported.episodes, totals.episodes);
    ASSERT_GT(totals.updates, 0);
    ASSERT_GT(totals.episodes, 0);
    const double updates = static_cast<double>(totals.updates);
    const double actor_updates = static_cast<double>(totals.actor_updates);
    ASSERT_EQ(reported.actor_updates, totals.actor_updates);
    const double episodes = static_cast<double>(totals.episodes);
    EXPECT_NEAR(reported.critic_loss, totals.critic_loss_sum / updates,
                1e-5 * (1.0 + totals.critic_loss_sum / updates));
    EXPECT_NEAR(reported.actor_loss, totals.actor_loss_sum / actor_updates, 1e-5);
    EXPECT_NEAR(reported.mean_return, totals.return_sum / episodes, 1e-4);
    EXPECT_NEAR(reported.mean_episode_length, static_cast<double>(totals.episode_steps) / episodes,
                1e-9);
    EXPECT_FALSE(reported.non_finite);
  }
}

std::vector<OracleCase> all_cases() {
  std::vector<OracleCase> result(std::begin(cases), std::end(cases));
  for (const test::DataCase& data : test::data_cases()) result.push_back({data.name, data.change});
  return result;
}

class CpuAgainstOracle : public testing::TestWithParam<OracleCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, CpuAgainstOracle, testing::ValuesIn(all_cases()),
                         [](const auto& instance) { return instance.param.name; });

TEST_P(CpuAgainstOracle, AgreesForTwentyLearningIterations) {
  Config config = test::small_config();
  GetParam().change(config);
  expect_agreement_from(config, initial_state(config), twenty_learning_iterations(config));
}

TEST(CpuPopulationAgainstOracle, AgreesForEveryAgent) {
  for (const Config& config : {test::small_population(), test::mixed_data_population()}) {
    expect_agreement_from(config, initial_state(config), twenty_learning_iterations(config));
  }
}

// A car that starts next to the goal reaches it: some transitions terminate, one of them in the
// first step of its episode, and must not bootstrap.
class CpuAgainstOracleAtTheGoal : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Steps, CpuAgainstOracleAtTheGoal, testing::Values(1, 3),
                         testing::PrintToStringParamName());
TEST_P(CpuAgainstOracleAtTheGoal, TerminalTransitionsAgree) {
  Config config = test::small_config();
  config.n_step = GetParam();
  config.environment = "MountainCarContinuous-v0";
  config.replay_capacity = 300;
  config.discount = 0.99f;
  TrainingState start = initial_state(config);
  const auto ring = static_cast<std::size_t>(derive(config).rows_per_stream * 5);
  const float near_goal[][2] = {{0.449f, 0.05f}, {0.3f, 0.06f}, {0.4f, 0.06f}};
  for (std::size_t stream = 0; stream < 3; ++stream) {
    for (std::size_t i = 0; i < 2; ++i) {
      start.environment_states[2 * stream + i] = near_goal[stream][i];
      start.replay_rows[stream * ring + i] = near_goal[stream][i];
    }
  }
  const auto backend = make_cpu_backend(config);
  backend->import_state(start);
  backend->advance(5);
  const TrainingState early = backend->export_state();
  const auto kind_of = [&](std::size_t stream, std::size_t row) {
    return static_cast<RowKind>(static_cast<int>(early.replay_rows[stream * ring + row * 5 + 4]));
  };
  ASSERT_EQ(kind_of(0, 0), RowKind::terminated);
  ASSERT_EQ(kind_of(0, 1), RowKind::last_observation);
  ASSERT_EQ(kind_of(2, 0), RowKind::terminated);
  expect_agreement_from(config, start, twenty_learning_iterations(config));
}

}  // namespace
}  // namespace polyak
