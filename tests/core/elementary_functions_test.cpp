// The project's own elementary functions against the C library's in double precision: one float in
// some thousand, and the hardest, which bench/function_errors.cpp finds among all.
#include "polyak/core/elementary_functions.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <ostream>
#include <vector>

namespace polyak {
namespace {

constexpr float plus_infinity = std::numeric_limits<float>::infinity();
constexpr float largest = std::numeric_limits<float>::max();
constexpr float smallest_normal = std::numeric_limits<float>::min();
const float not_a_number = std::nanf("");

struct Function {
  const char* name;
  float (*function)(float);
  double (*exact)(double);
  float from, to;
  double largest_error;        // ulp, over all floats
  std::vector<float> hardest;  // where an exhaustive search found the largest errors
};

void PrintTo(const Function& function, std::ostream* out) { *out << function.name; }

/// The error in units of the distance of two floats at the exact result.
double error_in_ulp(float result, double exact) {
  const int exponent = std::max(std::ilogb(exact), -126);
  return std::abs(static_cast<double>(result) - exact) / std::ldexp(1.0, exponent - 23);
}

class ElementaryFunctions : public testing::TestWithParam<Function> {};

INSTANTIATE_TEST_SUITE_P(
    All, ElementaryFunctions,
    testing::Values(
        Function{
            "tanh", hyperbolic_tangent<float>, std::tanh, -largest, largest, 1.5, {0x1.bb8dfap+1f}},
        Function{"expm1",
                 exponential_minus_one<float>,
                 std::expm1,
                 -largest,
                 87.0f,
                 1.6,
                 {0x1.956c9p-2f}},
        Function{"logistic",
                 logistic<float>,
                 [](double x) { return 1.0 / (1.0 + std::exp(-x)); },
                 -87.0f,
                 largest,
                 1.5,
                 {-0x1.362c52p+2f}},
        Function{"log", logarithm, std::log, smallest_normal, largest, 0.9, {0x1.66263ep+0f}},
        Function{"sin", sine, std::sin, -largest, largest, 1.6, {0x1.aca316p+67f}},
        Function{"cos", cosine, std::cos, -largest, largest, 1.6, {0x1.7b9146p+37f}}),
    [](const auto& instance) { return instance.param.name; });

TEST_P(ElementaryFunctions, AreWithinTheirErrors) {
  const Function& f = GetParam();
  constexpr std::uint64_t step = 2003;
  double worst = 0.0;
  float worst_at = 0.0f;
  const auto visit = [&](float x) {
    if (!(x >= f.from && x <= f.to)) return;
    const double exact = f.exact(static_cast<double>(x));
    const double error = exact == 0.0 ? std::abs(static_cast<double>(f.function(x)))
                                      : error_in_ulp(f.function(x), exact);
    if (error <= worst) return;  // not a number is not
    worst = error;
    worst_at = x;
  };
  for (std::uint64_t bits = 0; bits < 1ull << 32; bits += step) {
    visit(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  }
  for (const float x : f.hardest) visit(x);
  EXPECT_LE(worst, f.largest_error) << "at " << std::hexfloat << worst_at;
  RecordProperty("worst_ulp", std::to_string(worst));
  RecordProperty("worst_at", std::to_string(worst_at));
}

TEST(ElementaryFunctionsOfExtremes, AreTheirLimits) {
  EXPECT_EQ(hyperbolic_tangent(plus_infinity), 1.0f);
  EXPECT_EQ(hyperbolic_tangent(-plus_infinity), -1.0f);
  EXPECT_TRUE(std::signbit(hyperbolic_tangent(-0.0f)));
  EXPECT_EQ(exponential_minus_one(-plus_infinity), -1.0f);
  EXPECT_GT(exponential_minus_one(plus_infinity), 1e37f);
  EXPECT_EQ(logistic(-plus_infinity), 0.0f);
  EXPECT_EQ(logistic(plus_infinity), 1.0f);
  EXPECT_EQ(logarithm(1.0f), 0.0f);
  EXPECT_EQ(sine(0.0f), 0.0f);
  EXPECT_EQ(cosine(0.0f), 1.0f);
}

TEST(ElementaryFunctionsOfExtremes, NotANumberStaysIt) {
  for (float (*function)(float) :
       {hyperbolic_tangent<float>, exponential_minus_one<float>, logistic<float>, sine, cosine}) {
    EXPECT_TRUE(std::isnan(function(not_a_number)));
  }
  for (const float x : {plus_infinity, -plus_infinity}) {
    EXPECT_TRUE(std::isnan(sine(x)));
    EXPECT_TRUE(std::isnan(cosine(x)));
  }
}

TEST(WholePower, IsThePower) {
  for (const double base : {0.9, 0.999, 0.9999999}) {
    for (const std::int64_t exponent : {0, 1, 2, 3, 1000, 12'345'678}) {
      const double exact = std::pow(base, static_cast<double>(exponent));
      EXPECT_NEAR(whole_power(base, exponent), exact,
                  exact * static_cast<double>(exponent) * 0x1p-53);
    }
  }
  EXPECT_EQ(whole_power(0.9, std::int64_t{1} << 62), 0.0);
}

}  // namespace
}  // namespace polyak
