// Whole training of recurrent policies on the CPU against the double-precision oracle.
#include <gtest/gtest.h>

#include <ostream>

#include "backend/cpu/oracle_agreement.hpp"
#include "support/configs.hpp"

namespace polyak::test {
void PrintTo(const DataCase& data_case, std::ostream* stream) { *stream << data_case.name; }
}  // namespace polyak::test

namespace polyak {
namespace {

class RecurrentCpuAgainstOracle : public testing::TestWithParam<test::DataCase> {
 protected:
  static Config config() {
    Config config = test::small_config();
    GetParam().change(config);
    return config;
  }
};
INSTANTIATE_TEST_SUITE_P(Cases, RecurrentCpuAgainstOracle,
                         testing::ValuesIn(test::recurrent_cases()),
                         [](const auto& instance) { return instance.param.name; });

TEST_P(RecurrentCpuAgainstOracle, AgreesForTwentyLearningIterations) {
  expect_agreement_from(config(), initial_state(config()), twenty_learning_iterations(config()));
}

// In the middle of episodes, with what the streams remember of them.
TEST_P(RecurrentCpuAgainstOracle, AgreesFromAnExportedState) {
  const auto backend = make_cpu_backend(config());
  backend->advance(derive(config()).first_update_iteration + 4);
  const TrainingState middle = backend->export_state();
  bool remembers = false;
  for (const float value : middle.recurrent_states) remembers |= value != 0.0f;
  ASSERT_TRUE(remembers);
  expect_agreement_from(config(), middle, 12);
}

TEST(RecurrentCpuPopulationAgainstOracle, AgreesForEveryAgent) {
  for (const PolicyKind policy : {PolicyKind::lstm, PolicyKind::gru}) {
    const Config config = test::recurrent_population(policy);
    expect_agreement_from(config, initial_state(config), twenty_learning_iterations(config));
  }
}

// Some transitions terminate and must not bootstrap, and what follows them is another episode.
TEST(RecurrentCpuAgainstOracleAtTheGoal, TerminalTransitionsAgree) {
  for (const PolicyKind policy : {PolicyKind::lstm, PolicyKind::gru}) {
    Config config = single_agent_config(test::recurrent_population(policy), 0);
    config.n_step = 3;
    config.environment = "MountainCarContinuous-v0";
    config.replay_capacity = 300;
    expect_agreement_from(config, start_at_the_goal(config), twenty_learning_iterations(config));
  }
}

}  // namespace
}  // namespace polyak
