#include "backend/cpu/vector_math.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>

namespace polyak::cpu {
namespace {

/// Units in the last place between a float32 result and the exact value.
double error_in_units(float result, double exact) {
  const double unit =
      std::max(std::ldexp(1.0, std::ilogb(exact == 0.0 ? 1e-38 : exact) - 23), 0x1p-149);
  return std::abs(static_cast<double>(result) - exact) / unit;
}

/// One lane of a function of vectors.
float of(Vector (*function)(Vector), float x) {
  const Vector result = function(broadcast(x));
  for (int lane = 1; lane < lanes; ++lane) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(static_cast<float>(result[lane])),
              std::bit_cast<std::uint32_t>(static_cast<float>(result[0])))
        << "lane " << lane;
  }
  return result[0];
}

/// Calls visit(x) for floats of both signs, evenly over their bit patterns.
void for_many_floats(float largest, const std::function<void(float)>& visit) {
  visit(0.0f);
  for (std::uint32_t bits = 0x20000000u; bits < 0x7f800000u; bits += 5003) {
    const float x = std::bit_cast<float>(bits);
    if (x > largest) break;
    visit(x);
    visit(-x);
  }
}

TEST(VectorMath, ExponentialMinusOneIsWithinThreeUnits) {
  for_many_floats(86.9f, [](float x) {
    ASSERT_LE(error_in_units(of(exponential_minus_one, x), std::expm1(static_cast<double>(x))), 3.0)
        << x;
  });
}

TEST(VectorMath, HyperbolicTangentIsAccurate) {
  for_many_floats(50.0f, [](float x) {
    ASSERT_LE(error_in_units(of(hyperbolic_tangent, x), std::tanh(static_cast<double>(x))), 5.0)
        << x;
    ASSERT_LE(std::abs(of(hyperbolic_tangent, x)), 1.0f) << x;
  });
}

TEST(VectorMath, ExtremesAndNaN) {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  EXPECT_EQ(of(exponential_minus_one, -infinity), -1.0f);
  EXPECT_GT(of(exponential_minus_one, infinity), 1e37f);
  EXPECT_EQ(of(hyperbolic_tangent, infinity), 1.0f);
  EXPECT_EQ(of(hyperbolic_tangent, -infinity), -1.0f);
  EXPECT_TRUE(std::isnan(of(exponential_minus_one, nan)));
  EXPECT_TRUE(std::isnan(of(hyperbolic_tangent, nan)));
}

}  // namespace
}  // namespace polyak::cpu
