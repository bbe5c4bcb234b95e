// The fused engine's results do not depend on its plans.
#include "backend/cuda/fused/fused_engine.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "backend/cuda/compiled_shapes.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device/check.hpp"
#include "backend/cuda/fused_plan_cases.hpp"
#include "backend/cuda/precision_agreement.hpp"
#include "backend/cuda/training_cases.hpp"
#include "config/derived.hpp"
#include "support/configs.hpp"
#include "support/device_precisions.hpp"
#include "support/print_enums.hpp"

namespace polyak::cuda {
namespace {

/// What this device's blocks have.
int all_shared() { return fused_limits().shared_bytes; }

/// A training with a plan for so many blocks and so much shared memory.
struct PlannedTraining {
  PlannedTraining(const Config& config, const TrainingState& start, int blocks, int shared_bytes,
                  const OwnKernel& own_kernel = {})
      : training(config, budget),
        plan(make_fused_plan(config, blocks, {shared_bytes, blocks})),
        engine(config, stream, training, plan, fused_scratch(config, plan, budget), own_kernel) {
    training.settings.upload_from(config, stream);
    upload_state(start, config.agents, training, stream);
  }
  Stream stream;
  MemoryBudget budget{MemoryBudget::Mode::allocate};
  TrainingBuffers training;
  kernels::fused::Plan plan;
  FusedEngine engine;
};

/// Trains so, with all that learn in one launch; the totals go to `totals`.
TrainingState train(const Config& config, int blocks, int shared_bytes, std::int64_t iterations,
                    std::vector<kernels::UpdateTotals>* totals = nullptr,
                    const OwnKernel& own_kernel = {}) {
  PlannedTraining planned(config, initial_state(config), blocks, shared_bytes, own_kernel);
  const DerivedConfig derived = derive(config);
  Progress done{};
  for (std::int64_t i = 0, launched = 1; i < iterations; i += launched) {
    const bool learns = i >= derived.first_update_iteration && i >= derived.warmup_iterations;
    const std::int64_t updates =
        i >= derived.first_update_iteration ? derived.updates_per_iteration : 0;
    if (learns) launched = iterations - i;
    planned.engine.play(
        {i < derived.warmup_iterations, derived.vector_steps_per_iteration, updates}, launched,
        done);
    done.vector_steps += launched * derived.vector_steps_per_iteration;
    done.updates += launched * updates;
  }
  if (totals != nullptr) {
    totals->resize(static_cast<std::size_t>(config.agents));
    download(*totals, planned.training.update_totals, planned.stream);
  }
  planned.stream.synchronize();
  return download_state(planned.training, planned.stream);
}

/// Whether this device has clusters, and room for one of the plan.
bool has_room_for(const Config& config, int blocks, int shared_bytes) {
  if (blocks > fused_limits().cluster_blocks) return false;
  int clusters = 0;
  check(kernels::fused::resident_clusters(config.environment, config.precision,
                                          make_fused_plan(config, blocks, {shared_bytes, blocks}),
                                          &clusters),
        "resident_clusters");
  return clusters > 0;
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
  config.engine = Engine::fused;
  return config;
}

class FusedPrecision : public testing::TestWithParam<Precision> {};
INSTANTIATE_TEST_SUITE_P(Precisions, FusedPrecision, testing::ValuesIn(test::device_precisions()),
                         [](const auto& instance) {
                           return std::string(to_string(instance.param));
                         });

TEST_P(FusedPrecision, BitsDependNeitherOnTheNumberOfBlocksNorOnThePlaces) {
  Config config = population();
  config.precision = GetParam();
  const std::int64_t iterations = test::iterations_with_learning(config, 2);
  std::vector<kernels::UpdateTotals> expected_totals, totals;
  const TrainingState expected = train(config, 1, all_shared(), iterations, &expected_totals);
  ASSERT_GT(expected.updates, 0);
  for (const kernels::UpdateTotals& own : expected_totals) {
    ASSERT_GT(own.critic_gradient_norm_sum, 0.0);
    ASSERT_GT(own.actor_gradient_norm_sum, 0.0);
    ASSERT_NE(own.mean_q_sum, 0.0);
  }
  struct Layout {
    int blocks, shared_bytes;
  };
  // No shared memory at all; matrices alone; matrices and one network's parameters; most. A
  // format's own products see of that how many rows a block has and where they are.
  std::vector<Layout> layouts = {{2, 0}, {4, 34000}, {8, all_shared()}};
  if (config.precision == Precision::fp32) {
    layouts.insert(
        layouts.end(),
        {{1, 0}, {2, all_shared()}, {4, 20000}, {4, all_shared()}, {8, 0}, {16, all_shared()}});
  }
  for (const Layout layout : layouts) {
    if (!has_room_for(config, layout.blocks, layout.shared_bytes)) continue;
    SCOPED_TRACE(std::to_string(layout.blocks) + " blocks, " + std::to_string(layout.shared_bytes) +
                 " bytes");
    test::expect_same_bits(expected,
                           train(config, layout.blocks, layout.shared_bytes, iterations, &totals));
    EXPECT_EQ(std::memcmp(totals.data(), expected_totals.data(),
                          totals.size() * sizeof(kernels::UpdateTotals)),
              0);
  }
}

TEST_P(FusedPrecision, AgreesWithTheOracleToTheFormatsRounding) {
  Config config = population();
  config.precision = GetParam();
  test::expect_rounding_of_the_format(config, [&](std::int64_t iterations) {
    const int blocks = has_room_for(config, 2, all_shared()) ? 2 : 1;
    return train(config, blocks, all_shared(), iterations);
  });
}

TEST(FusedPrecisions, AreDifferentArithmetic) {
  Config config = population();
  const std::int64_t iterations = test::iterations_with_learning(config, 1);
  std::vector<TrainingState> states;
  for (const Precision precision : test::device_precisions()) {
    config.precision = precision;
    states.push_back(train(config, 1, all_shared(), iterations));
  }
  for (std::size_t a = 0; a < states.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      EXPECT_NE(states[a].critic.parameters, states[b].critic.parameters) << a << " and " << b;
    }
  }
}

/// A training for which there may be a kernel of its own.
struct ShapeCase {
  int batch, blocks;
};
void PrintTo(const ShapeCase& shape, std::ostream* out) {
  *out << "batch " << shape.batch << ", " << shape.blocks << " blocks";
}

/// Those that this device has: they are for the shared memory and clusters of an H100.
std::vector<ShapeCase> known_shapes() {
  const FusedLimits limits = fused_limits();
  if (limits.shared_bytes < hopper.shared_bytes || limits.cluster_blocks < 8) return {};
  std::vector<ShapeCase> shapes = {{128, 8}, {100, 8}, {100, 1}};
  if (limits.cluster_blocks >= 16) shapes.insert(shapes.end(), {{128, 16}, {100, 16}});
  return shapes;
}

class FusedKnownShape : public testing::TestWithParam<ShapeCase> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FusedKnownShape);  // a device may have none
INSTANTIATE_TEST_SUITE_P(Shapes, FusedKnownShape, testing::ValuesIn(known_shapes()),
                         [](const auto& instance) {
                           return "Batch" + std::to_string(instance.param.batch) + "Blocks" +
                                  std::to_string(instance.param.blocks);
                         });

TEST_P(FusedKnownShape, HasTheGeneralKernelsBits) {
  const auto [batch, blocks] = GetParam();
  Config config = population();
  config.environment = "Pendulum-v1";
  config.environment_parameters = {};
  config.actor_hidden = config.critic_hidden = {64, 64};
  config.activation = Activation::tanh;
  config.batch_size = batch;
  config.learning_starts = config.warmup_steps = batch;
  // With less shared memory the arrays lie elsewhere, for which there is only the general kernel.
  constexpr int little_shared_bytes = 34000;
  const auto has_own_kernel = [&](int shared_bytes) {
    return kernels::fused::has_own_kernel(config.environment, config.precision,
                                          make_fused_plan(config, blocks, {shared_bytes, blocks}));
  };
  ASSERT_TRUE(has_own_kernel(hopper.shared_bytes));
  ASSERT_FALSE(has_own_kernel(little_shared_bytes));
  const std::int64_t iterations = test::iterations_with_learning(config, 2);
  std::vector<kernels::UpdateTotals> own_totals, general_totals;
  const TrainingState own = train(config, blocks, hopper.shared_bytes, iterations, &own_totals);
  ASSERT_GT(own.updates, 1);
  test::expect_same_bits(own,
                         train(config, blocks, little_shared_bytes, iterations, &general_totals));
  EXPECT_EQ(std::memcmp(own_totals.data(), general_totals.data(),
                        own_totals.size() * sizeof(kernels::UpdateTotals)),
            0);
}

// The same of kernels that are compiled for a shape when a training begins: by NVRTC on a GPU, and
// with the program for the emulator.
class FusedCompiledShape : public testing::TestWithParam<int> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FusedCompiledShape);  // a device may have none
INSTANTIATE_TEST_SUITE_P(Shapes, FusedCompiledShape,
                         testing::Range(0, known_shapes().empty() ? 0 : test::compiled_shapes));

TEST_P(FusedCompiledShape, HasTheGeneralKernelsBits) {
  const test::CompiledShape& shape = test::compiled_shape(GetParam());
  Config config = population();
  config.environment = shape.environment;
  config.environment_parameters = {};
  config.actor_hidden = config.critic_hidden = shape.hidden;
  config.activation = shape.activation;
  config.batch_size = shape.batch;
  config.learning_starts = config.warmup_steps = shape.batch;
  const KernelShape kernel =
      kernel_shape(config, shape.blocks, {hopper.shared_bytes, shape.blocks});
  ASSERT_TRUE(may_be_compiled(kernel));
  const OwnKernel own = test::compiled_kernel(kernel, GetParam());
  ASSERT_NE(own.function, nullptr) << own.why_not;
  const std::int64_t iterations = test::iterations_with_learning(config, 2);
  std::vector<kernels::UpdateTotals> own_totals, general_totals;
  const TrainingState trained =
      train(config, shape.blocks, hopper.shared_bytes, iterations, &own_totals, own);
  ASSERT_GT(trained.updates, 1);
  test::expect_same_bits(
      trained, train(config, shape.blocks, hopper.shared_bytes, iterations, &general_totals));
  EXPECT_EQ(std::memcmp(own_totals.data(), general_totals.data(),
                        own_totals.size() * sizeof(kernels::UpdateTotals)),
            0);
}

// In the first warp and later ones, in each of the three turns that a block's environments take.
TEST(FusedEngine, AnyEnvironmentMayBeTheFullest) {
  Config config = population();
  config.batch_size = 64;
  config.environments = 150;
  config.replay_capacity = 3000;
  for (const std::size_t fullest : {0, 31, 32, 40, 63, 64, 100, 149}) {
    TrainingState start = initial_state(config);
    start.rows_written[150 + fullest] = 4;
    PlannedTraining planned(config, start, 1, all_shared());
    ASSERT_EQ(planned.plan.rows, 64);
    planned.engine.play({.warmup = true, .vector_steps = 2, .updates = 0}, 1, {});
    std::vector<std::int64_t> most(2);
    download(most, planned.training.replay.max_closed_rows, planned.stream);
    planned.stream.synchronize();
    EXPECT_EQ(most, (std::vector<std::int64_t>{2, 5})) << fullest;
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
