// Training with batch normalisation on the CPU against the double-precision oracle.
#include <gtest/gtest.h>

#include <ostream>

#include "backend/cpu/oracle_agreement.hpp"
#include "support/configs.hpp"

namespace polyak {
namespace {

/// Normalisations divide by deviations, which are small where a batch's rows are alike, and their
/// gradients are differences of near values: they have some digits less.
oracle::Tolerances tolerances_of_gradients() {
  oracle::Tolerances allowed = tolerances;
  allowed.first_moment = allowed.second_moment = 1e-3;
  return allowed;
}

class CpuBatchNorm : public testing::TestWithParam<test::DataCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, CpuBatchNorm, testing::ValuesIn(test::batch_norm_cases()),
                         [](const auto& instance) { return instance.param.name; });

TEST_P(CpuBatchNorm, AgreesWithTheOracleForTwentyLearningIterations) {
  Config config = test::small_config();
  GetParam().change(config);
  expect_agreement_from(config, initial_state(config), twenty_learning_iterations(config),
                        tolerances_of_gradients());
}

TEST(CpuBatchNormPopulation, AgreesWithTheOracleForEveryAgent) {
  const Config config = test::batch_norm_population();
  expect_agreement_from(config, initial_state(config), twenty_learning_iterations(config),
                        tolerances_of_gradients());
}

}  // namespace
}  // namespace polyak
