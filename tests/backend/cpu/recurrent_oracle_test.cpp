// Whole training of recurrent policies on the CPU against the double-precision oracle.
#include <gtest/gtest.h>

#include "backend/cpu/oracle_agreement.hpp"
#include "config/derived.hpp"
#include "support/configs.hpp"

namespace polyak {
namespace {

std::vector<test::TrainingCase> recurrent_cases_on_the_cpu() {
  std::vector<test::TrainingCase> cases = test::recurrent_cases();
  std::erase_if(cases, [](const test::TrainingCase& one) { return !one.engines.cpu; });
  return cases;
}

class RecurrentCpuAgainstOracle : public testing::TestWithParam<test::TrainingCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, RecurrentCpuAgainstOracle,
                         testing::ValuesIn(recurrent_cases_on_the_cpu()), test::case_name);

// In the middle of episodes, with what the environments remember of them.
TEST_P(RecurrentCpuAgainstOracle, AgreesFromAnExportedState) {
  const Config config = GetParam().config();
  const auto backend = make_cpu_backend(config);
  backend->advance(derive(config).first_update_iteration + 4);
  const TrainingState middle = backend->export_state();
  bool remembers = false;
  for (const float value : middle.recurrent_states) remembers |= value != 0.0f;
  ASSERT_TRUE(remembers);
  expect_agreement_from(config, middle, 12);
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
