#include "polyak/core/exploration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace polyak {
namespace {

float normal(std::uint32_t number) {
  return normal_from_bits(PhiloxRandom{17}(number / 4, 1, Purpose::exploration_noise),
                          static_cast<int>(number % 4));
}

TEST(GaussianExploration, AddsScaledNoiseAndNoState) {
  const ExplorationParameters parameters{Exploration::gaussian, 0.2f, 0.15f, 1.0f};
  float noise = 0.75f;
  EXPECT_FLOAT_EQ(explore(parameters, 0.1f, 1.5f, noise), 0.4f);
  EXPECT_FLOAT_EQ(explore(parameters, 0.1f, -1.5f, noise), -0.2f);
  EXPECT_EQ(noise, 0.75f);
}

TEST(GaussianExploration, HasTheGivenScale) {
  const ExplorationParameters parameters{Exploration::gaussian, 0.1f, 0.15f, 1.0f};
  constexpr std::uint32_t count = 100'000;
  double sum = 0.0, squares = 0.0;
  float noise = 0.0f;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double deviation =
        static_cast<double>(explore(parameters, 0.25f, normal(i), noise)) - 0.25;
    sum += deviation;
    squares += deviation * deviation;
  }
  EXPECT_NEAR(sum / count, 0.0, 4 * 0.1 / std::sqrt(double{count}));
  EXPECT_NEAR(std::sqrt(squares / count), 0.1, 4 * 0.1 / std::sqrt(2.0 * count));
}

constexpr ExplorationParameters first_sigma{Exploration::gaussian, 0.05f, 0.0f, 0.0f};

TEST(NoiseScale, IsTheSameEverywhereWithoutAPlan) {
  const ExplorationPlan plan{first_sigma, 0.0f, 0.0f, 0, false, false};
  for (const std::int64_t at : {0, 1, 4095}) {
    EXPECT_EQ(noise_scale(plan, at, 0), 0.05f);
    EXPECT_EQ(noise_scale(plan, 0, at), 0.05f);
  }
}

TEST(NoiseScale, ClimbsFromEnvironmentToEnvironment) {
  const ExplorationPlan plan{first_sigma, 0.75f / 4095.0f, 0.0f, 0, false, false};
  EXPECT_EQ(noise_scale(plan, 0, 9), 0.05f);
  EXPECT_NEAR(noise_scale(plan, 4095, 9), 0.8f, 1e-6);
  EXPECT_NEAR(noise_scale(plan, 1000, 9), 0.05 + 0.75 * 1000.0 / 4095.0, 1e-6);
}

TEST(NoiseScale, GoesToItsFinalValueInAStraightLineAndStaysThere) {
  const ExplorationPlan plan{first_sigma, 0.0f, 0.01f, 1000, false, false};
  EXPECT_EQ(noise_scale(plan, 0, 0), 0.05f);
  EXPECT_NEAR(noise_scale(plan, 0, 250), 0.04f, 1e-7);
  EXPECT_EQ(noise_scale(plan, 0, 1000), 0.01f);
  EXPECT_EQ(noise_scale(plan, 0, std::int64_t{1} << 40), 0.01f);
  // A straight line from zero, too, and up.
  const ExplorationPlan up{{Exploration::gaussian, 0.0f, 0.0f, 0.0f}, 0.0f, 1.0f, 4, false, false};
  EXPECT_EQ(noise_scale(up, 0, 3), 0.75f);
}

TEST(Exploration, ClipsToTheActionRange) {
  const ExplorationParameters gaussian{Exploration::gaussian, 1.0f, 0.0f, 1.0f};
  float noise = 0.0f;
  EXPECT_EQ(explore(gaussian, 0.9f, 5.0f, noise), 1.0f);
  EXPECT_EQ(explore(gaussian, -0.9f, -5.0f, noise), -1.0f);
  const ExplorationParameters correlated{Exploration::ornstein_uhlenbeck, 1.0f, 0.0f, 1.0f};
  EXPECT_EQ(explore(correlated, 0.9f, 5.0f, noise), 1.0f);
  EXPECT_EQ(noise, 5.0f) << "the noise itself is not clipped";
  EXPECT_EQ(clip_action(1.0f), 1.0f);
  EXPECT_EQ(clip_action(-1.0f), -1.0f);
  EXPECT_EQ(clip_action(std::numeric_limits<float>::infinity()), 1.0f);
}

TEST(Exploration, NaNStaysNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(clip_action(nan)));
  for (const Exploration kind : {Exploration::gaussian, Exploration::ornstein_uhlenbeck}) {
    float noise = 0.0f;
    EXPECT_TRUE(std::isnan(explore({kind, 0.1f, 0.15f, 1.0f}, nan, 0.5f, noise)));
  }
}

TEST(OrnsteinUhlenbeck, FollowsItsRecursion) {
  const ExplorationParameters parameters{Exploration::ornstein_uhlenbeck, 0.3f, 0.15f, 0.25f};
  float noise = 0.4f;
  const float action = explore(parameters, -0.2f, 2.0f, noise);
  // 0.4 - 0.15 * 0.4 * 0.25 + 0.3 * sqrt(0.25) * 2
  EXPECT_FLOAT_EQ(noise, 0.685f);
  EXPECT_FLOAT_EQ(action, 0.485f);
}

struct NoiseStatistics {
  double deviation;         // over many runs, at the last step
  double correlation_time;  // in steps, -1 / log(correlation of successive values)
};

/// `runs` independent processes of `steps` steps from zero.
NoiseStatistics simulate(float dt, int runs, int steps) {
  const ExplorationParameters parameters{Exploration::ornstein_uhlenbeck, 0.2f, 0.15f, dt};
  double squares = 0.0, products = 0.0, previous_squares = 0.0;
  std::uint32_t number = 0;
  for (int run = 0; run < runs; ++run) {
    float noise = 0.0f, previous = 0.0f;
    for (int step = 0; step < steps; ++step) {
      previous = noise;
      explore(parameters, 0.0f, normal(number++), noise);
      products += static_cast<double>(noise) * static_cast<double>(previous);
      previous_squares += static_cast<double>(previous) * static_cast<double>(previous);
    }
    squares += static_cast<double>(noise) * static_cast<double>(noise);
  }
  return {std::sqrt(squares / runs), -1.0 / std::log(products / previous_squares)};
}

// dt = 1, sigma = 0.2: stationary deviation sigma / sqrt(1 - 0.85^2) = 0.380, correlation time
// -1 / log(0.85) = 6.15 steps. With 20,000 runs the deviation's standard error is 0.5 %.
TEST(OrnsteinUhlenbeck, DeviationAndCorrelationTimeAtUnitTimeStep) {
  const NoiseStatistics statistics = simulate(1.0f, 20'000, 50);
  EXPECT_NEAR(statistics.deviation, 0.2 / std::sqrt(1.0 - 0.85 * 0.85), 0.02 * 0.38);
  EXPECT_NEAR(statistics.correlation_time, 6.15, 0.1);
}

// dt = 0.01: correlation time about 667 steps, deviation only about 0.25 after 200 steps.
TEST(OrnsteinUhlenbeck, DeviationAndCorrelationTimeAtSmallTimeStep) {
  const NoiseStatistics statistics = simulate(0.01f, 20'000, 200);
  const double decay = 1.0 - 0.15 * 0.01;
  const double expected =
      0.2 * std::sqrt(0.01 * (1.0 - std::pow(decay, 400)) / (1.0 - decay * decay));
  EXPECT_NEAR(expected, 0.25, 0.01);
  EXPECT_NEAR(statistics.deviation, expected, 0.02 * expected);
  EXPECT_NEAR(statistics.correlation_time, 667.0, 25.0);
}

}  // namespace
}  // namespace polyak
