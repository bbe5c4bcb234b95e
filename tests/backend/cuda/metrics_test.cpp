// What both engines report.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/training_cases.hpp"
#include "config/derived.hpp"
#include "support/configs.hpp"

namespace polyak {
namespace {

TEST(CudaMetrics, BeginAnewWithEveryReport) {
  for (const Engine engine : {Engine::layered, Engine::fused}) {
    Config config = test::small_config();
    config.engine = engine;
    const auto backend = make_cuda_backend(config);
    const std::int64_t in_iteration = derive(config).updates_per_iteration;
    backend->advance(test::iterations_with_learning(config, 5));
    EXPECT_EQ(backend->metrics()[0].updates, 5 * in_iteration);
    const AgentMetrics nothing = backend->metrics()[0];
    EXPECT_EQ(nothing.updates, 0);
    EXPECT_EQ(nothing.policy_actions, 0);
    for (const double mean : {nothing.critic_loss, nothing.actor_loss, nothing.mean_q,
                              nothing.critic_gradient_norm, nothing.actor_gradient_norm}) {
      EXPECT_TRUE(std::isnan(mean));
    }
    backend->advance(1);
    EXPECT_EQ(backend->metrics()[0].updates, in_iteration);
  }
}

TEST(CudaMetrics, SaturationIsOfThePolicysOwnActionsAfterTheWarmUp) {
  for (const Engine engine : {Engine::layered, Engine::fused}) {
    Config config = test::small_population();
    config.engine = engine;
    const DerivedConfig derived = derive(config);
    const auto backend = make_cuda_backend(config);
    backend->advance(derived.warmup_iterations);
    EXPECT_EQ(backend->metrics()[0].policy_actions, 0);
    TrainingState state = backend->export_state();
    const NetworkLayout layout = actor_layout(config);
    state.actor
        .parameters[static_cast<std::size_t>(layout.stride + layout.layers.back().bias_offset)] =
        100.0f;
    backend->import_state(state);
    backend->advance(1);
    const std::vector<AgentMetrics> metrics = backend->metrics();
    EXPECT_EQ(metrics[1].policy_actions,
              std::int64_t{config.environments} * derived.vector_steps_per_iteration);
    EXPECT_EQ(metrics[0].saturated_share, 0.0);
    EXPECT_EQ(metrics[1].saturated_share, 1.0);
  }
}

// Each error fits float32 and so does every value; their mean square does not.
TEST(CudaMetrics, ALossBeyondFloat32IsNoNumber) {
  for (const Engine engine : {Engine::layered, Engine::fused}) {
    Config config = test::small_config();
    config.engine = engine;
    const auto backend = make_cuda_backend(config);
    backend->advance(test::iterations_with_learning(config, 1));
    TrainingState state = backend->export_state();
    state.critic
        .parameters[static_cast<std::size_t>(critic_layout(config).layers.back().bias_offset)] =
        1e25f;
    backend->import_state(state);
    backend->run_phase(Phase::update, 1);
    const AgentMetrics metrics = backend->metrics()[0];
    ASSERT_TRUE(metrics.non_finite);
    EXPECT_EQ(metrics.non_finite->quantity, Quantity::critic_loss);
    EXPECT_EQ(metrics.non_finite->update, state.updates + 1);
  }
}

}  // namespace
}  // namespace polyak
