// The parts of an iteration that benchmarks run by themselves.
#include <gtest/gtest.h>

#include <cmath>

#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"
#include "support/configs.hpp"
#include "support/print_enums.hpp"

namespace polyak {
namespace {

class CpuPhase : public testing::TestWithParam<Phase> {};
INSTANTIATE_TEST_SUITE_P(All, CpuPhase,
                         testing::Values(Phase::environment_step, Phase::act, Phase::vector_step,
                                         Phase::sample, Phase::update, Phase::iteration));

TEST_P(CpuPhase, RunsFromTheStartAndLeavesAValidTraining) {
  for (Config config : {test::small_config(), test::small_population()}) {
    config.replay_capacity = 300;
    config.threads = 2;
    const auto backend = make_cpu_backend(config);
    for (const std::int64_t repetitions : {0, 1, 33}) backend->run_phase(GetParam(), repetitions);
    backend->advance(derive(config).first_update_iteration + 3);
    for (const AgentMetrics& metrics : backend->metrics()) {
      EXPECT_FALSE(metrics.non_finite);
      EXPECT_TRUE(std::isfinite(metrics.critic_loss));
    }
    for (const float value : backend->export_state().environment_states) {
      EXPECT_TRUE(std::isfinite(value));
    }
  }
}

TEST(CpuPhases, CountWhatTheyDo) {
  const auto backend = make_cpu_backend(test::small_config());
  backend->run_phase(Phase::vector_step, 70);
  backend->run_phase(Phase::update, 40);
  const TrainingState state = backend->export_state();
  EXPECT_EQ(state.vector_steps, 70);
  EXPECT_EQ(state.updates, 40);
}

TEST(CpuPhases, SamplingAnEmptyReplayCollectsFirst) {
  const auto backend = make_cpu_backend(test::small_population());
  backend->run_phase(Phase::sample, 3);
  const TrainingState state = backend->export_state();
  EXPECT_EQ(state.vector_steps, 1);
  EXPECT_EQ(state.updates, 0);
  for (const std::int64_t written : state.rows_written) EXPECT_EQ(written, 2);
}

}  // namespace
}  // namespace polyak
