// Exponential and hyperbolic tangent without branches, so that compilers run them on whole vector
// registers; the C library's take one value at a time and would cost more than the matrix products.
#pragma once

#include <bit>
#include <cstdint>

namespace polyak::cpu {

/// exp(x) - 1 within 3 units in the last place, also near zero; x is clipped to [-17, 87], beyond
/// which the result is -1 or close to overflow. NaN gives NaN.
/// x = n ln 2 + r with |r| <= ln(2) / 2; then 2^n (exp(r) - 1) + (2^n - 1) cancels nothing.
inline float exponential_minus_one(float x) {
  constexpr float log2_e = 1.44269504f;
  constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;  // their sum is ln 2
  constexpr float rounding = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number
  x = x < -17.0f ? -17.0f : x;
  x = x > 87.0f ? 87.0f : x;
  const float shifted = x * log2_e + rounding;
  const float n = shifted - rounding;
  const float r = (x - n * ln2_high) - n * ln2_low;
  // Taylor series to the 8th power: the first term left out is below 2e-8 of r.
  float series = 1.0f / 40320.0f;
  series = series * r + 1.0f / 5040.0f;
  series = series * r + 1.0f / 720.0f;
  series = series * r + 1.0f / 120.0f;
  series = series * r + 1.0f / 24.0f;
  series = series * r + 1.0f / 6.0f;
  series = series * r + 0.5f;
  const float minus_one = r + r * r * series;
  // The low bits of `shifted` hold n; shifting them into the exponent makes 2^n.
  const std::uint32_t exponent = (std::bit_cast<std::uint32_t>(shifted) << 23) + 0x3f800000u;
  const float power = std::bit_cast<float>(exponent);
  return power * minus_one + (power - 1.0f);
}

/// tanh(x) = (exp(2x) - 1) / (exp(2x) + 1), by the magnitude of x so that nothing cancels.
inline float hyperbolic_tangent(float x) {
  constexpr float saturation = 10.0f;  // tanh(10) rounds to 1
  const float magnitude = x < 0.0f ? -x : x;
  const float clipped = magnitude > saturation ? saturation : magnitude;
  const float e = exponential_minus_one(2.0f * clipped);
  const float result = e / (e + 2.0f);
  return x < 0.0f ? -result : result;
}

}  // namespace polyak::cpu
