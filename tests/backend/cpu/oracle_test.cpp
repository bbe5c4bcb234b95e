// Whole training on the CPU against the double-precision oracle, at odd sizes.
#include <gtest/gtest.h>

#include "backend/cpu/oracle_agreement.hpp"
#include "support/training_cases.hpp"

namespace polyak {
namespace {

class CpuAgainstOracle : public testing::TestWithParam<test::TrainingCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, CpuAgainstOracle,
                         testing::ValuesIn(test::training_cases(&Engines::cpu)), test::case_name);

TEST_P(CpuAgainstOracle, AgreesForTwentyLearningIterations) {
  oracle::Tolerances allowed = tolerances;
  // Normalisations divide by deviations, which are small where a batch's rows are alike, and their
  // gradients are differences of near values: they have some digits less, and so have the steps
  // that Adam makes of them.
  if (GetParam().name.starts_with("BatchNorm")) {
    allowed.first_moment = allowed.second_moment = 1e-3;
    allowed.parameter *= 3.0;
  }
  const Config config = GetParam().config();
  expect_agreement_from(config, initial_state(config), twenty_learning_iterations(config), allowed);
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
