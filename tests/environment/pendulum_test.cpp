#include "polyak/environment/pendulum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "oracle/environment.hpp"
#include "support/statistics.hpp"

namespace polyak {
namespace {

constexpr Pendulum::Parameters gymnasium_gravity{10.0f};

TEST(Pendulum, CostWrapsTheAngle) {
  const auto cost_at = [](float theta) {
    const float torque = 0.0f;
    return -static_cast<double>(Pendulum::step(gymnasium_gravity, {theta, 0.0f}, &torque).reward);
  };
  constexpr double pi = std::numbers::pi;
  // Many turns lose nothing but what the float32 angle itself has lost.
  for (const double turns : {-1.5e6, -2e5, -2000.0, -20.0, -1.0, 0.0, 1.0, 3.0, 20.0, 2e5, 1.5e6}) {
    for (const double angle : {-3.0, -1.0, 0.0, 0.5, 3.1}) {
      const auto theta = static_cast<float>(angle + 2.0 * pi * turns);
      const double wrapped = std::remainder(static_cast<double>(theta), 2.0 * pi);
      EXPECT_NEAR(cost_at(theta), wrapped * wrapped, 5e-6) << angle << " and " << turns << " turns";
    }
  }
  // Both ends of the interval cost the same.
  EXPECT_NEAR(cost_at(static_cast<float>(pi)), pi * pi, 5e-6);
  EXPECT_NEAR(cost_at(static_cast<float>(-pi)), pi * pi, 5e-6);
}

// The end of a million turns is as well known as that of one: every step from the float32 state it
// begins in, in double precision, and its angle up to whole turns.
TEST(Pendulum, LongEpisodesAreAsExactAsShortOnes) {
  const auto oracle = oracle::make_environment("Pendulum-v1", {10.0f});
  Pendulum::State state{3.0f, 8.0f};
  const float torque = 2.0f;
  double largest_theta = 0.0;
  for (int step = 0; step < 300'000; ++step) {
    state.theta_dot = 8.0f;  // it never stops turning
    const auto result = Pendulum::step(gymnasium_gravity, state, &torque);
    const double theta = static_cast<double>(state.theta);
    const auto expected = oracle->step({theta, static_cast<double>(state.theta_dot)}, 2.0);
    const double error = static_cast<double>(result.next.theta) - expected.next[0];
    ASSERT_LT(std::abs(std::remainder(error, 2.0 * std::numbers::pi)), 7e-6) << step;
    ASSERT_NEAR(result.next.theta_dot, expected.next[1], 2.2e-6);
    ASSERT_NEAR(result.reward, expected.reward, 4e-5);
    state = result.next;
    largest_theta = std::max(largest_theta, std::abs(static_cast<double>(state.theta)));
  }
  EXPECT_LE(largest_theta, 84.0 + 0.4);
  EXPECT_GT(largest_theta, 84.0) << "the bound was never reached";
}

TEST(Pendulum, NoEpisodeOf200StepsIsWrapped) {
  Pendulum::State state{std::numbers::pi_v<float>, 8.0f};
  const float torque = 2.0f;
  double theta = static_cast<double>(state.theta);
  for (int step = 0; step < Pendulum::time_limit; ++step) {
    state.theta_dot = 8.0f;
    state = Pendulum::step(gymnasium_gravity, state, &torque).next;
    theta += static_cast<double>(state.theta_dot) * 0.05;
  }
  EXPECT_GT(theta, 80.0);
  EXPECT_NEAR(state.theta, theta, 1e-3);
}

TEST(Pendulum, AnAngleThatFloat32CannotTellIsNoNumber) {
  const float torque = 0.0f;
  EXPECT_TRUE(std::isfinite(Pendulum::step(gymnasium_gravity, {-9.9e6f, 0.0f}, &torque).reward));
  for (const float theta : {2e7f, -1e20f, 3e38f}) {
    EXPECT_TRUE(std::isnan(Pendulum::step(gymnasium_gravity, {theta, 0.0f}, &torque).reward))
        << theta;
  }
}

TEST(Pendulum, GravityIsAParameter) {
  const float torque = 0.0f;
  const auto on_the_moon =
      Pendulum::step({1.62f}, {static_cast<float>(std::numbers::pi / 2.0), 0.0f}, &torque);
  EXPECT_NEAR(on_the_moon.next.theta_dot, 1.5f * 1.62f * 0.05f, 1e-6f);
}

TEST(Pendulum, ResetIsUniformOverItsRectangle) {
  const PhiloxRandom random{11};
  std::vector<float> thetas, speeds;
  double product = 0.0;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const auto state = Pendulum::reset(
        gymnasium_gravity, environment_random(random, i, 0, Purpose::environment_reset));
    ASSERT_GE(state.theta, -std::numbers::pi_v<float>);
    ASSERT_LT(state.theta, std::numbers::pi_v<float>);
    ASSERT_GE(state.theta_dot, -1.0f);
    ASSERT_LT(state.theta_dot, 1.0f);
    thetas.push_back(state.theta);
    speeds.push_back(state.theta_dot);
    product += static_cast<double>(state.theta) * static_cast<double>(state.theta_dot);
  }
  EXPECT_GT(test::kolmogorov_smirnov_test(
                thetas, [](double x) { return (x / std::numbers::pi + 1.0) / 2.0; }),
            1e-3);
  EXPECT_GT(test::kolmogorov_smirnov_test(speeds, [](double x) { return (x + 1.0) / 2.0; }), 1e-3);
  // Uncorrelated: the product's standard deviation is (pi / sqrt 3) (1 / sqrt 3).
  EXPECT_NEAR(product / 100'000, 0.0, 4.0 * std::numbers::pi / 3.0 / std::sqrt(100'000.0));
}

}  // namespace
}  // namespace polyak
