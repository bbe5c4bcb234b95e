// The CUDA back end's reports, evaluations and benchmark phases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "backend/cpu/cpu_backend.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device_info.hpp"
#include "backend/cuda/training_cases.hpp"
#include "config/derived.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"
#include "support/configs.hpp"
#include "support/print_enums.hpp"

namespace polyak {
namespace {

TEST(CudaEngineChoice, WhatTheFusedEngineLacksIsTrainedByTheLayeredOne) {
  Config config = test::small_config();
  config.engine = Engine::automatic;
  EXPECT_NE(make_cuda_backend(config)->description().find("fused engine"), std::string::npos);
  config.actor_delay = 2;
  EXPECT_NE(make_cuda_backend(config)->description().find("layered engine"), std::string::npos);
}

TEST(CudaMetrics, AverageTheActorsLossOverItsOwnUpdates) {
  Config config = test::small_config();
  config.actor_delay = 16;
  const auto backend = make_cuda_backend(config);
  backend->advance(test::iterations_with_learning(config, 1));
  EXPECT_EQ(backend->metrics()[0].actor_updates, 0);
  EXPECT_TRUE(std::isnan(backend->metrics()[0].actor_loss));
  backend->advance(16);
  const AgentMetrics metrics = backend->metrics()[0];
  EXPECT_EQ(metrics.actor_updates, 16 * metrics.updates / 16 / 16);
  EXPECT_TRUE(std::isfinite(metrics.actor_loss));
}

TEST(CudaMetrics, CountFromReportToReport) {
  const Config config = test::small_population();
  const DerivedConfig derived = derive(config);
  const auto backend = make_cuda_backend(config);
  for (const AgentMetrics& nothing : backend->metrics()) {
    EXPECT_EQ(nothing.episodes, 0);
    EXPECT_EQ(nothing.updates, 0);
    EXPECT_TRUE(std::isnan(nothing.mean_return));
    EXPECT_TRUE(std::isnan(nothing.critic_loss));
  }
  backend->advance(derived.time_limit);  // every environment's first episode ends
  for (const AgentMetrics& metrics : backend->metrics()) {
    EXPECT_EQ(metrics.episodes, config.environments);
    EXPECT_EQ(metrics.mean_episode_length, derived.time_limit);
    EXPECT_LT(metrics.mean_return, 0.0);
    EXPECT_EQ(metrics.updates, 0);
  }
  backend->advance(2);
  const std::int64_t learning = derived.time_limit + 2 - derived.first_update_iteration;
  ASSERT_GT(learning, 0);
  for (const AgentMetrics& metrics : backend->metrics()) {
    EXPECT_EQ(metrics.episodes, 0);
    EXPECT_EQ(metrics.updates, learning * derived.updates_per_iteration);
    EXPECT_TRUE(std::isfinite(metrics.critic_loss));
    EXPECT_TRUE(std::isfinite(metrics.actor_loss));
  }
}

TEST(CudaMetrics, SayWhichAgentStoppedBeingFiniteInWhatAndWhen) {
  const Config config = test::small_population();
  const auto backend = make_cuda_backend(config);
  backend->advance(test::iterations_with_learning(config, 3));
  TrainingState state = backend->export_state();
  const std::size_t second_critic = state.critic.parameters.size() / 3;
  state.critic.parameters[second_critic] = std::numeric_limits<float>::quiet_NaN();
  backend->import_state(state);
  backend->advance(2);
  const std::vector<AgentMetrics> metrics = backend->metrics();
  EXPECT_FALSE(metrics[0].non_finite);
  EXPECT_FALSE(metrics[2].non_finite);
  ASSERT_TRUE(metrics[1].non_finite);
  EXPECT_EQ(metrics[1].non_finite->quantity, Quantity::critic_loss);
  EXPECT_EQ(metrics[1].non_finite->update, state.updates + 1);
}

TEST(CudaMetrics, AnActorThatIsNotFiniteShowsInItsLoss) {
  const Config config = test::small_config();
  const auto backend = make_cuda_backend(config);
  backend->advance(test::iterations_with_learning(config, 3));
  TrainingState state = backend->export_state();
  state.actor.parameters[0] = std::numeric_limits<float>::quiet_NaN();
  backend->import_state(state);
  backend->run_phase(Phase::update, 1);
  const std::vector<AgentMetrics> metrics = backend->metrics();
  ASSERT_TRUE(metrics[0].non_finite);
  EXPECT_EQ(metrics[0].non_finite->quantity, Quantity::actor_loss);
  EXPECT_EQ(metrics[0].non_finite->update, state.updates + 1);
}

TEST(CudaMetrics, ARewardThatIsNotFiniteNamesItsStepAndComesBeforeTheLosses) {
  Config config = test::small_population();
  config.warmup_steps = 1000;  // the actions do not depend on the broken state
  const auto backend = make_cuda_backend(config);
  backend->advance(20);
  TrainingState state = backend->export_state();
  state.environment_states[static_cast<std::size_t>(2 * config.environments)] =
      std::numeric_limits<float>::quiet_NaN();
  backend->import_state(state);
  backend->advance(9);
  const std::vector<AgentMetrics> metrics = backend->metrics();
  EXPECT_FALSE(metrics[0].non_finite);
  EXPECT_FALSE(metrics[2].non_finite);
  ASSERT_TRUE(metrics[1].non_finite);
  EXPECT_EQ(metrics[1].non_finite->quantity, Quantity::reward);
  EXPECT_EQ(metrics[1].non_finite->vector_step, 21);
  EXPECT_EQ(metrics[1].non_finite->update, state.updates);
  EXPECT_FALSE(backend->metrics()[0].non_finite);
}

// As the last update of a training may leave them: no loss is to come that would show it.
TEST(CudaMetrics, ParametersAreLookedAtWhenMetricsAreAskedFor) {
  const Config config = test::small_population();
  for (const bool of_actor : {true, false}) {
    const auto backend = make_cuda_backend(config);
    backend->advance(test::iterations_with_learning(config, 1));
    TrainingState state = backend->export_state();
    NetworkState& networks = of_actor ? state.actor : state.critic;
    networks.parameters[networks.parameters.size() / 2] = std::numeric_limits<float>::infinity();
    backend->import_state(state);
    const std::vector<AgentMetrics> metrics = backend->metrics();
    EXPECT_FALSE(metrics[0].non_finite);
    EXPECT_FALSE(metrics[2].non_finite);
    ASSERT_TRUE(metrics[1].non_finite);
    EXPECT_EQ(metrics[1].non_finite->quantity, Quantity::parameter);
    EXPECT_EQ(metrics[1].non_finite->update, state.updates);
  }
}

/// Both add up float32; they were found to differ by less than 1e-6 of a return.
void expect_equal_returns(const std::vector<float>& expected, const std::vector<float>& actual) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(expected[i], actual[i], 1e-5f * (1.0f + std::abs(expected[i]))) << i;
  }
}

/// Policies that see their last reward, each by a scale of its own that makes much of it or little.
Config recurrent_population_of_scales(PolicyKind policy) {
  Config config = test::recurrent_population(policy);
  config.reward_scale = std::vector<float>{0.05f, 3.0f};
  return config;
}

TEST(CudaEvaluation, AgreesWithTheCpu) {
  Config pendulum = test::small_population();
  pendulum.normalise_observations = true;
  pendulum.evaluation_time_limit = 60;  // not the training's
  Config car = pendulum;
  car.environment = "MountainCarContinuous-v0";
  for (const Config& config : {pendulum, car, recurrent_population_of_scales(PolicyKind::lstm),
                               recurrent_population_of_scales(PolicyKind::gru)}) {
    SCOPED_TRACE(config.environment + " " + std::string(to_string(config.policy)));
    const auto cpu = make_cpu_backend(config);
    const auto gpu = make_cuda_backend(config);
    cpu->advance(3);
    gpu->import_state(cpu->export_state());
    EXPECT_EQ(gpu->observation_normalisers().mean, cpu->observation_normalisers().mean);
    for (const int count : {1, 33}) {
      std::vector<float> starts;
      for (int i = 0; i < 2 * count; ++i)
        starts.push_back(0.05f * static_cast<float>(i % 7) - 0.3f);
      const std::vector<float> expected = cpu->evaluate(starts);
      const std::vector<float> actual = gpu->evaluate(starts);
      ASSERT_EQ(actual.size(), static_cast<std::size_t>(3 * count));
      expect_equal_returns(expected, actual);
    }
    EXPECT_TRUE(gpu->evaluate({}).empty());
  }
}

TEST(CudaEvaluation, ByRunningStatisticsAgreesWithTheCpu) {
  const Config config = test::batch_norm_population();
  const auto cpu = make_cpu_backend(config);
  const auto gpu = make_cuda_backend(config);
  cpu->advance(test::iterations_with_learning(config, 5));
  gpu->import_state(cpu->export_state());
  EXPECT_EQ(gpu->actor_statistics(), cpu->actor_statistics());
  const std::vector<float> starts = {0.3f, -0.2f, 3.0f, 1.0f, -1.0f, 0.5f};
  const std::vector<float> expected = cpu->evaluate(starts);
  const std::vector<float> actual = gpu->evaluate(starts);
  ASSERT_EQ(actual.size(), 9u);
  expect_equal_returns(expected, actual);
  test::expect_same_bits(cpu->export_state(), gpu->export_state());
}

TEST(CudaBackend, GivesTheActorsParameters) {
  const Config config = test::small_population();
  const auto backend = make_cuda_backend(config);
  backend->advance(test::iterations_with_learning(config, 2));
  EXPECT_EQ(backend->actor_parameters(), backend->export_state().actor.parameters);
}

Config with_engine(Engine engine) {
  Config config = test::small_config();
  config.device = DeviceKind::cuda;
  config.engine = engine;
  return config;
}

TEST(CudaBackend, SaysWhatItRunsOn) {
  EXPECT_EQ(make_cuda_backend(with_engine(Engine::layered))->description(),
            cuda::device_name() + ", layered engine");
  EXPECT_THAT(make_cuda_backend(with_engine(Engine::fused))->description(),
              testing::StartsWith(cuda::device_name() + ", fused engine, "));
}

TEST(CudaBackend, AChoiceOfMatrixProductIsOneOfTheLayeredEngine) {
  Config config = with_engine(Engine::automatic);
  EXPECT_THAT(make_cuda_backend(config)->description(), testing::HasSubstr("fused engine"));
  config.matrix_product = MatrixProduct::own;
  EXPECT_THAT(make_cuda_backend(config)->description(), testing::HasSubstr("layered engine"));
}

class CudaPhase : public testing::TestWithParam<std::tuple<Engine, Phase>> {};
INSTANTIATE_TEST_SUITE_P(All, CudaPhase,
                         testing::Combine(testing::Values(Engine::layered, Engine::fused),
                                          testing::Values(Phase::environment_step, Phase::act,
                                                          Phase::vector_step, Phase::sample,
                                                          Phase::update, Phase::iteration)));

TEST_P(CudaPhase, RunsFromTheStartAndLeavesAValidTraining) {
  const auto [engine, phase] = GetParam();
  Config config = with_engine(engine);
  config.replay_capacity = 300;
  const auto backend = make_cuda_backend(config);
  if (!backend->has_phase(phase)) {
    EXPECT_EQ(engine, Engine::fused);
    EXPECT_THROW(backend->run_phase(phase, 1), RunError);
    return;
  }
  for (const std::int64_t repetitions : {0, 1, 33}) {
    backend->run_phase(phase, repetitions);
  }
  backend->advance(test::iterations_with_learning(config, 3));
  for (const AgentMetrics& metrics : backend->metrics()) {
    EXPECT_FALSE(metrics.non_finite);
    EXPECT_TRUE(std::isfinite(metrics.critic_loss));
  }
  for (const float value : backend->export_state().environment_states) {
    EXPECT_TRUE(std::isfinite(value));
  }
}

TEST(CudaPhases, CountWhatTheyDo) {
  for (const Engine engine : {Engine::layered, Engine::fused}) {
    const auto backend = make_cuda_backend(with_engine(engine));
    backend->run_phase(Phase::vector_step, 70);
    backend->run_phase(Phase::update, 40);
    const TrainingState state = backend->export_state();
    EXPECT_EQ(state.vector_steps, 70);
    EXPECT_EQ(state.updates, 40);
    EXPECT_EQ(backend->metrics()[0].updates, 40);
  }
}

TEST(CudaPhases, EnvironmentStepsMoveTheStatesAndNothingElse) {
  const Config config = with_engine(Engine::layered);
  const auto backend = make_cuda_backend(config);
  const TrainingState before = backend->export_state();
  backend->run_phase(Phase::environment_step, 3);
  const TrainingState after = backend->export_state();
  EXPECT_NE(before.environment_states, after.environment_states);
  EXPECT_EQ(before.rows_written, after.rows_written);
  EXPECT_EQ(before.replay_rows, after.replay_rows);
}

}  // namespace
}  // namespace polyak
