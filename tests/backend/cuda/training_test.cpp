// Whole training on the GPU: the CPU's bits, and near the double-precision oracle.
#include "oracle/training.hpp"

#include <gtest/gtest.h>

#include <tuple>

#include "backend/cpu/cpu_backend.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/training_cases.hpp"
#include "config/derived.hpp"
#include "oracle/comparison.hpp"
#include "support/configs.hpp"
#include "support/print_enums.hpp"
#include "support/same_metrics.hpp"

namespace polyak {
namespace {

// As the CPU against the oracle: float32 keeps 1e-7 of a value per operation, twenty updates of
// 1e-3 each through Adam leave some 1e-6, and chaotic states grow their rounding.
constexpr oracle::Tolerances training_tolerances{.parameter = 2e-5,
                                                 .first_moment = 1e-3,
                                                 .second_moment = 1e-3,
                                                 .observation = 1e-4,
                                                 .action = 1e-4,
                                                 .reward = 1e-3};

class CudaTraining : public testing::TestWithParam<test::TrainingCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, CudaTraining, testing::ValuesIn(test::engine_cases()),
                         test::case_name);

// Where a sanitizer watches, the first iterations have all accesses of the later ones.
constexpr std::int64_t iterations_with_the_oracle = POLYAK_SANITIZED ? 3 : 4;
constexpr std::int64_t iterations_with_the_cpu = POLYAK_SANITIZED ? iterations_with_the_oracle : 6;

/// The case, with a ring of replay that begins anew before the last iterations.
Config with_a_short_ring(const test::TrainingCase& one) {
  constexpr std::int64_t short_ring = 36;
  Config config = one.config();
  if (config.replay_capacity == test::small_config().replay_capacity) {
    config.replay_capacity = short_ring;
  }
  return config;
}

void expect_agreement_with_the_oracle(const Config& config, std::int64_t iterations,
                                      const TrainingState& actual) {
  for (int agent = 0; agent < config.agents; ++agent) {
    oracle::Training training(config, initial_state(config), agent);
    for (std::int64_t i = 0; i < iterations; ++i) training.iterate();
    ASSERT_GT(training.totals().updates, 0);
    oracle::expect_agreement(training, config, actual, training_tolerances);
  }
}

TEST_P(CudaTraining, HasTheCpusBitsAndAgreesWithTheOracleInDoublePrecision) {
  const Config config = with_a_short_ring(GetParam());
  const std::int64_t first = test::iterations_with_learning(config, iterations_with_the_oracle);
  const std::int64_t more = iterations_with_the_cpu - iterations_with_the_oracle;
  const auto gpu = make_cuda_backend(config);
  gpu->advance(first);
  expect_agreement_with_the_oracle(config, first, gpu->export_state());
  if (config.matrix_product == MatrixProduct::cublas) return;  // its bits are its own
  gpu->advance(more);
  const auto cpu = make_cpu_backend(config);
  cpu->advance(first + more);
  const TrainingState expected = cpu->export_state();
  ASSERT_GT(expected.updates, 0);
  test::expect_same_bits(expected, gpu->export_state());
  test::expect_same_metrics(cpu->metrics(), gpu->metrics());
}

TEST_P(CudaTraining, StartsInTheInitialState) {
  const Config config = GetParam().config();
  test::expect_same_bits(initial_state(config), make_cuda_backend(config)->export_state());
}

// Groups of more than sixteen rows, and weight gradients in slices.
TEST(CudaTrainingOfManyRows, HasTheCpusBits) {
  Config config = test::small_config();
  config.engine = Engine::layered;
  config.batch_size = 4097;
  config.update_to_data = 1.0 / 3.0;
  config.actor_hidden = config.critic_hidden = {3};
  const auto cpu = make_cpu_backend(config);
  const auto gpu = make_cuda_backend(config);
  for (Backend* backend : {cpu.get(), gpu.get()}) {
    backend->advance(test::iterations_with_learning(config, 0));
    backend->metrics();
  }
  for (int i = 0; i < 2; ++i) {
    cpu->advance(1);
    gpu->advance(1);
    const std::vector<AgentMetrics> expected = cpu->metrics();
    ASSERT_EQ(expected[0].updates, 1);
    test::expect_same_metrics(expected, gpu->metrics());
    test::expect_same_bits(cpu->export_state(), gpu->export_state());
  }
}

// A car that starts next to the goal reaches it, so that some transitions terminate.
class CudaTrainingAtTheGoal : public testing::TestWithParam<std::tuple<Engine, int>> {};
INSTANTIATE_TEST_SUITE_P(All, CudaTrainingAtTheGoal,
                         testing::Combine(testing::Values(Engine::layered, Engine::fused),
                                          testing::Values(1, 3)),
                         [](const auto& instance) {
                           return std::string(to_string(std::get<Engine>(instance.param))) +
                                  std::to_string(std::get<int>(instance.param));
                         });
TEST_P(CudaTrainingAtTheGoal, TerminalTransitionsHaveTheCpusBits) {
  Config config = test::small_config();
  config.engine = std::get<Engine>(GetParam());
  config.n_step = std::get<int>(GetParam());
  config.environment = "MountainCarContinuous-v0";
  config.replay_capacity = 300;
  config.discount = 0.99f;
  TrainingState start = initial_state(config);
  const auto ring = static_cast<std::size_t>(derive(config).rows_per_environment * 5);
  const float near_goal[][2] = {{0.449f, 0.05f}, {0.3f, 0.06f}, {0.4f, 0.06f}};
  for (std::size_t environment = 0; environment < 3; ++environment) {
    for (std::size_t i = 0; i < 2; ++i) {
      start.environment_states[2 * environment + i] = near_goal[environment][i];
      start.replay_rows[environment * ring + i] = near_goal[environment][i];
    }
  }
  const auto cpu = make_cpu_backend(config);
  const auto gpu = make_cuda_backend(config);
  for (Backend* backend : {cpu.get(), gpu.get()}) {
    backend->import_state(start);
    backend->advance(test::iterations_with_learning(config, 20));
  }
  const TrainingState expected = cpu->export_state();
  const RowKind first_kind = static_cast<RowKind>(static_cast<int>(expected.replay_rows[4]));
  ASSERT_EQ(first_kind, RowKind::terminated);
  test::expect_same_bits(expected, gpu->export_state());
  test::expect_same_metrics(cpu->metrics(), gpu->metrics());
}

}  // namespace
}  // namespace polyak
