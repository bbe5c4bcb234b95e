// Whole trainings on the CPU against the double-precision oracle.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "backend/cpu/cpu_backend.hpp"
#include "config/derived.hpp"
#include "oracle/comparison.hpp"
#include "oracle/training.hpp"

namespace polyak {

/// Iterations until learning has started, and twenty more.
inline std::int64_t twenty_learning_iterations(const Config& config) {
  return derive(config).first_update_iteration + 20;
}

// Float32 keeps 1e-7 of a value per operation. After twenty updates of 1e-3 each the parameters
// were found within 3e-7 of the oracle's, and states, whose rounding grows between two resets,
// within 2e-6; the tolerances are ten times that.
inline constexpr oracle::Tolerances tolerances{.parameter = 3e-6,
                                               .first_moment = 1e-4,
                                               .second_moment = 1e-4,
                                               .observation = 2e-5,
                                               .action = 2e-5,
                                               .reward = 1e-4};

inline void expect_near_relative(double actual, double expected) {
  EXPECT_NEAR(actual, expected, 1e-4 * (1e-3 + expected));
}

/// Trains on the CPU and with the oracle from the same state.
inline void expect_agreement_from(const Config& config, const TrainingState& start,
                                  std::int64_t iterations,
                                  const oracle::Tolerances& allowed = tolerances) {
  validate(config);
  const auto backend = make_cpu_backend(config);
  backend->import_state(start);
  backend->advance(iterations);
  const TrainingState state = backend->export_state();
  const std::vector<AgentMetrics> metrics = backend->metrics();
  for (int agent = 0; agent < config.agents; ++agent) {
    oracle::Training training(config, start, agent);
    for (std::int64_t i = 0; i < iterations; ++i) training.iterate();
    oracle::expect_agreement(training, config, state, allowed);
    const oracle::Totals& totals = training.totals();
    const AgentMetrics& reported = metrics[static_cast<std::size_t>(agent)];
    ASSERT_EQ(reported.updates, totals.updates);
    ASSERT_EQ(reported.episodes, totals.episodes);
    ASSERT_GT(totals.updates, 0);
    ASSERT_GT(totals.episodes, 0);
    const double updates = static_cast<double>(totals.updates);
    const double actor_updates = static_cast<double>(totals.actor_updates);
    ASSERT_EQ(reported.actor_updates, totals.actor_updates);
    const double episodes = static_cast<double>(totals.episodes);
    EXPECT_NEAR(reported.critic_loss, totals.critic_loss_sum / updates,
                1e-5 * (1.0 + totals.critic_loss_sum / updates));
    EXPECT_NEAR(reported.actor_loss, totals.actor_loss_sum / actor_updates, 1e-5);
    EXPECT_NEAR(reported.mean_q, totals.mean_q_sum / updates,
                1e-5 * (1.0 + std::abs(totals.mean_q_sum / updates)));
    expect_near_relative(reported.critic_gradient_norm, totals.critic_gradient_norm_sum / updates);
    expect_near_relative(reported.actor_gradient_norm,
                         totals.actor_gradient_norm_sum / actor_updates);
    EXPECT_EQ(reported.policy_actions, totals.policy_actions);
    if (totals.policy_actions > 0) {
      EXPECT_EQ(std::llround(reported.saturated_share * static_cast<double>(totals.policy_actions)),
                totals.saturated_actions);
    }
    EXPECT_NEAR(reported.mean_return, totals.return_sum / episodes, 1e-4);
    EXPECT_NEAR(reported.mean_episode_length, static_cast<double>(totals.episode_steps) / episodes,
                1e-9);
    EXPECT_FALSE(reported.non_finite);
  }
}

/// Cars that start next to the goal and reach it, one of them in the first step of its episode.
/// config: of three MountainCarContinuous-v0 environments.
inline TrainingState start_at_the_goal(const Config& config) {
  TrainingState start = initial_state(config);
  const RowLayout layout = row_layout(config);
  const auto row_floats = static_cast<std::size_t>(layout.floats());
  const auto ring = static_cast<std::size_t>(derive(config).rows_per_environment) * row_floats;
  const float near_goal[][2] = {{0.449f, 0.05f}, {0.3f, 0.06f}, {0.4f, 0.06f}};
  for (std::size_t environment = 0; environment < 3; ++environment) {
    for (std::size_t i = 0; i < 2; ++i) {
      start.environment_states[2 * environment + i] = near_goal[environment][i];
      start.replay_rows[environment * ring + i] = near_goal[environment][i];
    }
  }
  const auto backend = make_cpu_backend(config);
  backend->import_state(start);
  backend->advance(5);
  const TrainingState early = backend->export_state();
  const auto kind_of = [&](std::size_t environment, std::size_t row) {
    const std::size_t at = environment * ring + row * row_floats;
    return static_cast<RowKind>(
        static_cast<int>(early.replay_rows[at + static_cast<std::size_t>(layout.kind_offset())]));
  };
  EXPECT_EQ(kind_of(0, 0), RowKind::terminated);
  EXPECT_EQ(kind_of(0, 1), RowKind::last_observation);
  EXPECT_EQ(kind_of(2, 0), RowKind::terminated);
  return start;
}

}  // namespace polyak
