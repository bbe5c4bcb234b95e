#include "polyak/core/losses.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace polyak {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan_float = std::numeric_limits<float>::quiet_NaN();

TEST(TdTarget, BootstrapsWithTheDiscount) {
  EXPECT_EQ(td_target(1.0f, 0.5f, -6.0f), -2.0f);
  EXPECT_EQ(td_target(-3.0f, 1.0f, 0.0f), -3.0f);
}

TEST(TdTarget, AfterATerminationTheNextValueIsIgnored) {
  for (const float next_value : {5.0f, infinity, -infinity, nan_float}) {
    EXPECT_EQ(td_target(-3.0f, 0.0f, next_value), -3.0f) << next_value;
  }
  EXPECT_EQ(td_target(-3.0f, 0.5f, infinity), infinity) << "only after a termination";
  EXPECT_TRUE(std::isnan(td_target(-3.0f, 0.5f, nan_float)));
}

TEST(SmallerValue, IsTheSmallerOneInEitherPlace) {
  EXPECT_EQ(smaller_value(-2.0f, 1.0f), -2.0f);
  EXPECT_EQ(smaller_value(1.0f, -2.0f), -2.0f);
}

TEST(SmallerValue, KeepsANan) {
  EXPECT_TRUE(std::isnan(smaller_value(nan_float, 1.0f)));
  EXPECT_TRUE(std::isnan(smaller_value(1.0f, nan_float)));
}

/// The gradient is the derivative of the loss: both are of second degree, so that central
/// differences of any width are exact but for rounding.
TEST(CriticLoss, GradientIsTheDerivativeOfTheMeanSquaredError) {
  constexpr int rows = 3;
  constexpr float target = -1.5f, step = 0.25f, scale = 2.0f / rows;
  EXPECT_EQ(critic_gradient_scale(rows), scale);
  for (const float value : {-4.0f, -1.5f, 0.0f, 2.25f}) {
    const auto mean_at = [&](float q) {
      return critic_loss_row(q, target, scale).sums.loss / rows;
    };
    const double derivative =
        (mean_at(value + step) - mean_at(value - step)) / (2.0 * static_cast<double>(step));
    const LossRow row = critic_loss_row(value, target, scale);
    EXPECT_NEAR(static_cast<double>(row.gradient), derivative, 1e-6) << value;
    EXPECT_EQ(row.sums.value, static_cast<double>(value));
  }
}

TEST(ActorLoss, GradientIsTheDerivativeOfMinusTheMeanValue) {
  constexpr int rows = 7;
  const float gradient = actor_loss_gradient(rows);
  const LossRow row = actor_loss_row(2.5f, gradient), next = actor_loss_row(3.5f, gradient);
  EXPECT_EQ(row.gradient, gradient);
  EXPECT_NEAR(static_cast<double>(gradient), (next.sums.loss - row.sums.loss) / rows, 1e-7);
  EXPECT_EQ(row.sums.value, 2.5);
}

TEST(SmoothAction, ClipsTheNoiseAndThenTheAction) {
  EXPECT_EQ(smooth_action(0.25f, 0.5f, 0.5f, 0.5f), 0.5f);
  EXPECT_EQ(smooth_action(0.25f, 0.5f, 0.5f, 3.0f), 0.75f);
  EXPECT_EQ(smooth_action(0.25f, 0.5f, 0.5f, -3.0f), -0.25f);
  EXPECT_EQ(smooth_action(0.75f, 0.5f, 0.5f, 3.0f), 1.0f);
}

}  // namespace
}  // namespace polyak
