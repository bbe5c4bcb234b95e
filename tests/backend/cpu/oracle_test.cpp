// Whole training on the CPU against the double-precision oracle, at odd sizes.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "backend/cpu/oracle_agreement.hpp"
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

std::vector<OracleCase> all_cases() {
  std::vector<OracleCase> result(std::begin(cases), std::end(cases));
  for (const test::DataCase& data : test::data_cases()) result.push_back({data.name, data.change});
  for (const test::DataCase& preset : test::preset_cases()) {
    result.push_back({"Preset" + preset.name, preset.change});
  }
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

// Some transitions terminate and must not bootstrap.
class CpuAgainstOracleAtTheGoal : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Steps, CpuAgainstOracleAtTheGoal, testing::Values(1, 3),
                         testing::PrintToStringParamName());
TEST_P(CpuAgainstOracleAtTheGoal, TerminalTransitionsAgree) {
  Config config = test::small_config();
  config.n_step = GetParam();
  config.environment = "MountainCarContinuous-v0";
  config.replay_capacity = 300;
  config.discount = 0.99f;
  const TrainingState start = start_at_the_goal(config);
  expect_agreement_from(config, start, twenty_learning_iterations(config));
}

}  // namespace
}  // namespace polyak
