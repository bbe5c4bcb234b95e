// What is computed for a register of floats has the bits that each of them has alone.
#include "backend/cpu/vector_math.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>

namespace polyak::cpu {
namespace {

std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }

/// Floats of both signs, evenly over their bit patterns, infinities and NaN among them; neighbours
/// in a register are far from each other.
template <class OfVector, class OfFloat>
void expect_same_bits(const OfVector& of_vector, const OfFloat& of_float) {
  for (std::uint64_t first = 0; first < 1ull << 32; first += 400'009) {
    Vector x{};
    for (int lane = 0; lane < lanes; ++lane) {
      const auto bits =
          static_cast<std::uint32_t>(first + 0x10010001ull * static_cast<unsigned>(lane));
      x[lane] = std::bit_cast<float>(bits);
    }
    const Vector result = of_vector(x);
    for (int lane = 0; lane < lanes; ++lane) {
      const float alone = of_float(x[lane]), together = result[lane];
      if (std::isnan(alone) && std::isnan(together)) continue;
      ASSERT_EQ(bits_of(alone), bits_of(together)) << x[lane];
    }
  }
}

TEST(VectorMath, HasTheBitsOfSingleFloats) {
  expect_same_bits(hyperbolic_tangent<Vector>, hyperbolic_tangent<float>);
  expect_same_bits(exponential_minus_one<Vector>, exponential_minus_one<float>);
  expect_same_bits(logistic<Vector>, logistic<float>);
}

}  // namespace
}  // namespace polyak::cpu
