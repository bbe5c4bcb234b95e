// The fused engine's plans, and that results do not depend on them.
#include "backend/cuda/fused/fused_engine.hpp"

#include <gtest/gtest.h>

#include <string>

#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/training_cases.hpp"
#include "oracle/comparison.hpp"
#include "oracle/training.hpp"
#include "support/configs.hpp"

namespace polyak::cuda {
namespace {

constexpr FusedLimits hopper{226 * 1024, 16};
constexpr FusedLimits no_clusters{99 * 1024 - 1024, 1};

Config config_of(int width, int batch) {
  Config config;
  config.actor_hidden = config.critic_hidden = {width, width};
  config.batch_size = batch;
  config.learning_starts = std::max(batch, 1000);
  return config;
}

TEST(FusedPlan, HasRowsForTheWholeBatch) {
  for (const int batch : {1, 31, 33, 100, 256, 1023}) {
    for (const int blocks : {1, 2, 4, 8, 16}) {
      const auto plan = make_fused_plan(config_of(64, batch), blocks, hopper);
      EXPECT_GE(plan.all_rows(), batch);
      EXPECT_LT(plan.rows - 16, (batch + blocks - 1) / blocks);
      EXPECT_GE(plan.row_pitch, plan.rows);
    }
  }
}

TEST(FusedPlan, KeepsSmallNetworksInSharedMemory) {
  const auto plan = make_fused_plan(config_of(64, 100), 1, hopper);
  for (const kernels::fused::Place& place :
       {plan.matrices, plan.actor_parameters, plan.critic_parameters, plan.actor_target,
        plan.critic_target}) {
    EXPECT_TRUE(place.shared);
  }
  EXPECT_LE(plan.shared_bytes, hopper.shared_bytes);
  const auto in_cluster = make_fused_plan(config_of(64, 100), 8, hopper);
  EXPECT_TRUE(in_cluster.actor_moments.shared);
  EXPECT_TRUE(in_cluster.critic_moments.shared);
}

TEST(FusedPlan, PutsWhatDoesNotFitIntoScratchMemory) {
  const auto wide = make_fused_plan(config_of(256, 256), 16, hopper);
  EXPECT_TRUE(wide.matrices.shared);
  EXPECT_TRUE(wide.actor_parameters.is_common());
  EXPECT_TRUE(wide.actor_target.is_common());
  const auto nothing_shared = make_fused_plan(config_of(1024, 1024), 1, no_clusters);
  EXPECT_FALSE(nothing_shared.matrices.shared);
  EXPECT_LE(nothing_shared.shared_bytes, no_clusters.shared_bytes);
}

TEST(FusedPlan, GivesAnAgentWhatBlocksThereAre) {
  Config config = config_of(64, 100);
  EXPECT_EQ(choose_cluster_blocks(config, 132, hopper), 8) << "12.5 rows for each";
  EXPECT_EQ(choose_cluster_blocks(config, 132, no_clusters), 1);
  config.agents = 40;
  EXPECT_EQ(choose_cluster_blocks(config, 132, hopper), 2);
  config.agents = 1000;
  EXPECT_EQ(choose_cluster_blocks(config, 132, hopper), 1);
}

TEST(FusedPlan, IsForSmallAndMediumTrainings) {
  EXPECT_TRUE(prefers_fused_engine(config_of(64, 100), hopper));
  EXPECT_TRUE(prefers_fused_engine(config_of(256, 256), hopper));
  EXPECT_TRUE(prefers_fused_engine(config_of(64, 100), no_clusters));
  EXPECT_FALSE(prefers_fused_engine(config_of(512, 32768), hopper));
  EXPECT_FALSE(prefers_fused_engine(config_of(256, 256), no_clusters));
  Config many_environments = config_of(64, 100);
  many_environments.environments = 4096;
  EXPECT_FALSE(prefers_fused_engine(many_environments, hopper));
}

/// Trains with a plan for so many blocks and so much shared memory.
TrainingState train(const Config& config, int blocks, int shared_bytes, std::int64_t iterations) {
  const Stream stream;
  MemoryBudget budget(MemoryBudget::Mode::allocate);
  const TrainingBuffers training(config, budget);
  training.settings.upload_from(config, stream);
  upload_state(initial_state(config), config.agents, training, stream);
  const auto plan = make_fused_plan(config, blocks, {shared_bytes, blocks});
  FusedEngine engine(config, stream, training, plan, fused_scratch(config, plan, budget));
  const DerivedConfig derived = derive(config);
  Progress done{};
  for (std::int64_t i = 0; i < iterations; ++i) {
    const std::int64_t updates =
        i >= derived.first_update_iteration ? derived.updates_per_iteration : 0;
    engine.play({i < derived.warmup_iterations, derived.vector_steps_per_iteration, updates}, 1,
                done);
    done.vector_steps += derived.vector_steps_per_iteration;
    done.updates += updates;
  }
  stream.synchronize();
  return download_state(training, stream);
}

/// A population whose batch fills four blocks in part.
Config population() {
  Config config = test::small_population();
  config.agents = 2;
  config.seed = std::uint64_t{40};
  config.learning_rate_actor = std::vector<float>{1e-3f, 3e-4f};
  config.discount = std::vector<float>{0.9f, 0.99f};
  config.tau = 0.1f;
  config.noise_scale = 0.3f;
  config.noise_units = NoiseUnits::environment;
  config.noise_scale_final = std::vector<float>{-1.0f, 0.1f};
  config.n_step = std::vector<int>{1, 3};
  config.reward_scale = std::vector<float>{1.0f, 0.5f};
  config.time_limit_terminal = true;
  config.device = DeviceKind::cuda;
  return config;
}

class FusedPrecision : public testing::TestWithParam<Precision> {};
INSTANTIATE_TEST_SUITE_P(Precisions, FusedPrecision,
                         testing::Values(Precision::fp32, Precision::tf32, Precision::tf32x3,
                                         Precision::bf16),
                         [](const auto& instance) {
                           return std::string(to_string(instance.param));
                         });

TEST_P(FusedPrecision, BitsDependNeitherOnTheNumberOfBlocksNorOnThePlaces) {
  Config config = population();
  config.precision = GetParam();
  const std::int64_t iterations = test::iterations_with_learning(config, 4);
  const TrainingState expected = train(config, 1, hopper.shared_bytes, iterations);
  ASSERT_GT(expected.updates, 0);
  struct Layout {
    int blocks, shared_bytes;
  };
  // No shared memory at all; matrices alone; matrices and one network's parameters; most.
  for (const Layout layout : {Layout{1, 0},
                              {2, 0},
                              {2, hopper.shared_bytes},
                              {4, 20000},
                              {4, 34000},
                              {4, hopper.shared_bytes}}) {
    SCOPED_TRACE(std::to_string(layout.blocks) + " blocks, " + std::to_string(layout.shared_bytes) +
                 " bytes");
    test::expect_same_bits(expected, train(config, layout.blocks, layout.shared_bytes, iterations));
  }
}

/// What a format keeps of a product: fp32's training agrees with the oracle to 2e-5 of a parameter
/// (training_test.cpp), and the errors of the others are larger as their fractions are shorter.
/// Adam makes steps of about the learning rate, 2e-3, whose signs are open where a gradient is
/// within its rounding: after 12 updates that alone may come to 0.05.
oracle::Tolerances tolerances_of(Precision precision) {
  switch (precision) {
    case Precision::fp32:
    case Precision::tf32x3:
      return {.parameter = 2e-5,
              .first_moment = 1e-3,
              .second_moment = 1e-3,
              .observation = 1e-4,
              .action = 1e-4,
              .reward = 1e-3};
    case Precision::tf32:
      return {.parameter = 5e-3,
              .first_moment = 5e-2,
              .second_moment = 5e-2,
              .observation = 1e-2,
              .action = 1e-2,
              .reward = 1e-1};
    case Precision::bf16:
      return {.parameter = 2e-2,
              .first_moment = 2e-1,
              .second_moment = 2e-1,
              .observation = 5e-2,
              .action = 5e-2,
              .reward = 5e-1};
  }
  return {};
}

TEST_P(FusedPrecision, AgreesWithTheOracleToTheFormatsRounding) {
  Config config = population();
  config.precision = GetParam();
  const std::int64_t iterations = test::iterations_with_learning(config, 5);
  const TrainingState state = train(config, 2, hopper.shared_bytes, iterations);
  for (int agent = 0; agent < config.agents; ++agent) {
    oracle::Training training(config, initial_state(config), agent);
    for (std::int64_t i = 0; i < iterations; ++i) training.iterate();
    oracle::expect_agreement(training, config, state, tolerances_of(GetParam()));
  }
}

TEST(FusedPrecisions, AreDifferentArithmetic) {
  Config config = population();
  const std::int64_t iterations = test::iterations_with_learning(config, 1);
  std::vector<TrainingState> states;
  for (const Precision precision :
       {Precision::fp32, Precision::tf32, Precision::tf32x3, Precision::bf16}) {
    config.precision = precision;
    states.push_back(train(config, 1, hopper.shared_bytes, iterations));
  }
  for (std::size_t a = 0; a < states.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      EXPECT_NE(states[a].critic.parameters, states[b].critic.parameters) << a << " and " << b;
    }
  }
}

TEST(FusedEngine, CuttingALongIterationChangesNoBit) {
  Config config = test::small_config();
  config.device = DeviceKind::cuda;
  config.engine = Engine::fused;
  config.actor_hidden = config.critic_hidden = {4};
  config.batch_size = 2;
  config.environments = 1;
  config.warmup_steps = 10;
  config.learning_starts = 20;
  config.update_to_data = 1003.0;
  const auto whole = make_cuda_backend(config);
  whole->advance(test::iterations_with_learning(config, 1));

  const auto cut = make_cuda_backend(config);
  cut->advance(test::iterations_with_learning(config, 0));
  cut->run_phase(Phase::vector_step, 1);
  for (int i = 0; i < 1003; ++i) cut->run_phase(Phase::update, 1);
  EXPECT_EQ(whole->export_state().updates, 1003);
  test::expect_same_bits(whole->export_state(), cut->export_state());
}

TEST(FusedEngine, SaysWhichPhasesItHas) {
  Config config = population();
  config.engine = Engine::fused;
  const auto fused = make_cuda_backend(config);
  EXPECT_TRUE(fused->has_phase(Phase::update));
  EXPECT_TRUE(fused->has_phase(Phase::iteration));
  EXPECT_FALSE(fused->has_phase(Phase::sample));
  config.engine = Engine::layered;
  EXPECT_TRUE(make_cuda_backend(config)->has_phase(Phase::sample));
}

}  // namespace
}  // namespace polyak::cuda
