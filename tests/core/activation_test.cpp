#include "polyak/core/activation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/print_enums.hpp"

namespace polyak {
namespace {

/// The functions as their papers define them, in double precision.
double reference(Activation activation, double x) {
  switch (activation) {
    case Activation::relu:
      return std::max(x, 0.0);
    case Activation::tanh:
      return (std::exp(2.0 * x) - 1.0) / (std::exp(2.0 * x) + 1.0);
    case Activation::elu:
      return x > 0.0 ? x : std::exp(x) - 1.0;
    case Activation::identity:
      break;
  }
  return x;
}

class ActivationFunction : public testing::TestWithParam<Activation> {};
INSTANTIATE_TEST_SUITE_P(All, ActivationFunction,
                         testing::Values(Activation::identity, Activation::relu, Activation::tanh,
                                         Activation::elu));

TEST_P(ActivationFunction, MatchesTheDefinition) {
  for (float x = -8.0f; x <= 8.0f; x += 0.0625f) {
    const double expected = reference(GetParam(), static_cast<double>(x));
    EXPECT_NEAR(static_cast<double>(activate(GetParam(), x)), expected,
                3e-7 * std::max(1.0, std::abs(expected)));
  }
}

TEST_P(ActivationFunction, DerivativeMatchesFiniteDifferences) {
  constexpr double h = 1e-5;
  // The points miss zero, where ReLU has no derivative.
  for (double x = -6.03; x <= 6.0; x += 0.0625) {
    const double slope = (reference(GetParam(), x + h) - reference(GetParam(), x - h)) / (2.0 * h);
    const float y = activate(GetParam(), static_cast<float>(x));
    EXPECT_NEAR(static_cast<double>(activation_derivative(GetParam(), y)), slope, 1e-6) << x;
  }
}

TEST_P(ActivationFunction, KeepsNaNVisible) {
  EXPECT_TRUE(std::isnan(activate(GetParam(), std::nanf(""))));
}

TEST(Elu, IsAccurateNearZero) { EXPECT_FLOAT_EQ(activate(Activation::elu, -1e-6f), -9.999995e-7f); }

TEST(Relu, HasSlopeZeroAtZero) {
  EXPECT_EQ(activation_derivative(Activation::relu, activate(Activation::relu, 0.0f)), 0.0f);
}

}  // namespace
}  // namespace polyak
