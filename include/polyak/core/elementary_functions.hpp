// tanh, exp(x) - 1, the logistic function, the logarithm, sine and cosine: the project's own,
// because those of C libraries and of CUDA differ in their last bits. Without branches, but for
// sines of large angles, so that a register of floats is computed as one is. `Float` is float or a
// type for which IeeeArithmetic exists. The polynomials are minimax fits with coefficients that are
// floats; the largest errors, over all floats, are what bench/function_errors.cpp finds.
// An ulp is the distance of two floats at the right result.
#pragma once

#include "polyak/core/ieee_arithmetic.hpp"

namespace polyak {
namespace elementary {

/// Adding this rounds to a whole number, which is then in the low bits: 1.5 * 2^23.
inline constexpr float rounding = 12582912.0f;
/// The same, and in the low bits is the number as the exponent of a float.
inline constexpr float rounding_to_exponent = rounding + 127.0f;
inline constexpr std::uint32_t sign_bit = 0x80000000;

/// c_n x^n + ... + c_1 x + c_0, coefficients from the highest power down, by Horner's rule.
template <class Float, class... Coefficients>
POLYAK_HOST_DEVICE Float polynomial(Float x, float highest, Coefficients... others) {
  using Arithmetic = IeeeArithmetic<Float>;
  Float sum = Arithmetic::constant(highest);
  ((sum = Arithmetic::multiply_add(sum, x, Arithmetic::constant(others))), ...);
  return sum;
}

/// 1 / x within an ulp for normal, positive x whose reciprocal is normal, in less time than a
/// division: a guess from the exponent, at most 12% off, whose error is twice cubed.
template <class Float>
POLYAK_HOST_DEVICE Float reciprocal(Float x) {
  using Arithmetic = IeeeArithmetic<Float>;
  const Float one = Arithmetic::constant(1.0f);
  Float guess = Arithmetic::from_bits(0x7ef311c7u - Arithmetic::to_bits(x));
  Float error = Arithmetic::multiply_add(-x, guess, one);
  guess = Arithmetic::multiply_add(guess, Arithmetic::multiply_add(error, error, error), guess);
  error = Arithmetic::multiply_add(-x, guess, one);
  return Arithmetic::multiply_add(guess, Arithmetic::multiply_add(error, error, error), guess);
}

/// 2^n for the whole number n of `shifted` = n + rounding_to_exponent.
template <class Float>
POLYAK_HOST_DEVICE Float power_of_two(Float shifted) {
  using Arithmetic = IeeeArithmetic<Float>;
  return Arithmetic::from_bits(Arithmetic::to_bits(shifted) << 23);
}

}  // namespace elementary

/// tanh(x) within 1.5 ulp; NaN gives NaN.
/// Below 0.28 an odd polynomial; above h / (h + 1) with h = (exp(2 |x|) - 1) / 2, in which nothing
/// cancels: with 2 |x| = n ln 2 + 2 r, h = 2^n (exp(2 r) - 1) / 2 + (2^n / 2 - 1 / 2).
template <class Float>
POLYAK_HOST_DEVICE Float hyperbolic_tangent(Float x) {
  using Arithmetic = IeeeArithmetic<Float>;
  constexpr float two_log2_e = 2.88539008f, half_ln2 = 0.346573591f;

  const Float square = x * x;
  const Float cubic = elementary::polynomial(square, -0.050814625f, 0.13319218f, -0.33333153f);
  const Float near = Arithmetic::multiply_add(x * square, cubic, x);

  const Float size = Arithmetic::clipped_size(x, 9.5f);  // beyond it tanh rounds to 1
  const Float shifted =
      Arithmetic::multiply_add(size, Arithmetic::constant(two_log2_e),
                               Arithmetic::constant(elementary::rounding_to_exponent));
  const Float r = Arithmetic::multiply_add(shifted - elementary::rounding_to_exponent,
                                           Arithmetic::constant(-half_ln2), size);
  // Of (exp(y) - 1 - y) / y^2 at y = 2 r, times 2.
  const Float series =
      elementary::polynomial(r, 0.00138645275f * 32.0f, 0.00836653375f * 16.0f,
                             0.0416675025f * 8.0f, 0.16666543f * 4.0f, 0.49999997f * 2.0f);
  const Float half_minus_one = Arithmetic::multiply_add(r * r, series, r);
  const Float power = elementary::power_of_two(shifted);
  const Float half = Arithmetic::constant(0.5f);
  const Float h =
      Arithmetic::multiply_add(power, half_minus_one, Arithmetic::multiply_add(power, half, -half));
  const Float far = Arithmetic::quotient(h, h + 1.0f);

  const Float result = square >= 0.28f * 0.28f ? far : near;  // NaN is never above
  return Arithmetic::from_bits(Arithmetic::to_bits(result) |
                               (Arithmetic::to_bits(x) & elementary::sign_bit));
}

/// exp(x) - 1 within 1.6 ulp for x up to 87, beyond which it stays what it is there; NaN gives NaN.
/// x = n ln 2 + r with |r| <= ln(2) / 2; then 2^n (exp(r) - 1) + (2^n - 1) cancels nothing.
template <class Float>
POLYAK_HOST_DEVICE Float exponential_minus_one(Float x) {
  using Arithmetic = IeeeArithmetic<Float>;
  constexpr float log2_e = 1.44269504f;
  constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;  // their sum is ln 2
  const Float smallest = Arithmetic::constant(-17.5f), largest = Arithmetic::constant(87.0f);
  x = x < smallest ? smallest : x;  // below it the result rounds to -1
  x = x > largest ? largest : x;
  const Float shifted = Arithmetic::multiply_add(
      x, Arithmetic::constant(log2_e), Arithmetic::constant(elementary::rounding_to_exponent));
  const Float n = shifted - elementary::rounding_to_exponent;
  const Float r =
      Arithmetic::multiply_add(n, Arithmetic::constant(-ln2_low),
                               Arithmetic::multiply_add(n, Arithmetic::constant(-ln2_high), x));
  const Float series = elementary::polynomial(r, 0.00138706958f, 0.00836627185f, 0.0416674353f,
                                              0.166665465f, 0.49999997f);
  const Float minus_one = Arithmetic::multiply_add(r * r, series, r);
  const Float power = elementary::power_of_two(shifted);
  return Arithmetic::multiply_add(power, minus_one, power - 1.0f);
}

/// 1 / (1 + exp(-x)) within 1.5 ulp for x down to -87, below which it is 0 (in float32 nearly so);
/// NaN gives NaN. With e = exp(-|x|), which cannot overflow, it is 1 / (1 + e), or e / (1 + e) for
/// negative x; -|x| = n ln 2 + r.
template <class Float>
POLYAK_HOST_DEVICE Float logistic(Float x) {
  using Arithmetic = IeeeArithmetic<Float>;
  constexpr float log2_e = 1.44269504f;
  constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;  // their sum is ln 2
  const Float one = Arithmetic::constant(1.0f), smallest = Arithmetic::constant(-87.0f);
  const Float negative = Arithmetic::from_bits(Arithmetic::to_bits(x) | elementary::sign_bit);
  const Float clipped = negative < smallest ? smallest : negative;
  const Float shifted =
      Arithmetic::multiply_add(clipped, Arithmetic::constant(log2_e),
                               Arithmetic::constant(elementary::rounding_to_exponent));
  const Float n = shifted - elementary::rounding_to_exponent;
  const Float r = Arithmetic::multiply_add(
      n, Arithmetic::constant(-ln2_low),
      Arithmetic::multiply_add(n, Arithmetic::constant(-ln2_high), clipped));
  const Float series = elementary::polynomial(r, 0.00138201355f, 0.00836868584f, 0.0416682735f,
                                              0.166665211f, 0.49999994f);
  const Float minus_one = Arithmetic::multiply_add(r * r, series, r);
  const Float power = elementary::power_of_two(shifted);
  const Float exponential = Arithmetic::multiply_add(power, minus_one, power);
  const Float numerator = x < 0.0f ? exponential : one, denominator = 1.0f + exponential;
  const Float lost = exponential - (denominator - 1.0f);  // by the denominator's rounding
  const Float guess = elementary::reciprocal(denominator), quotient = numerator * guess;
  const Float left = Arithmetic::multiply_add(
      -lost, quotient, Arithmetic::multiply_add(-denominator, quotient, numerator));
  const Float result = Arithmetic::multiply_add(left, guess, quotient);
  return x < smallest ? Arithmetic::constant(0.0f) : result;
}

/// log(x) within an ulp for normal, positive x.
/// x = 2^n (1 + f) with 1 + f between sqrt(1/2) and sqrt(2).
POLYAK_HOST_DEVICE float logarithm(float x) {
  using Arithmetic = IeeeArithmetic<float>;
  constexpr std::uint32_t sqrt_half = 0x3f3504f3, mantissa = 0x007fffff;
  constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;  // their sum is ln 2
  const std::uint32_t above = Arithmetic::to_bits(x) - sqrt_half;
  const auto n = static_cast<float>(static_cast<std::int32_t>(above) >> 23);
  const float f = Arithmetic::from_bits((above & mantissa) + sqrt_half) - 1.0f;
  const float square = f * f;
  const float series =
      elementary::polynomial(f, -0.0763643906f, 0.127622172f, -0.131596103f, 0.1420158f,
                             -0.166234091f, 0.200012416f, -0.250008196f, 0.333333313f);
  const float rest = fmaf(-0.5f, square, fmaf(f * square, series, n * ln2_low));
  return fmaf(n, ln2_high, f + rest);
}

namespace elementary {

/// An angle without its quarter turns: |remainder| <= pi / 4.
struct ReducedAngle {
  float remainder;
  std::uint32_t quarter_turns;  // modulo 4
};

/// For |x| <= 65536. pi / 2 in three parts: Cody & Waite 1980, with products that do not round.
POLYAK_HOST_DEVICE ReducedAngle reduce_small_angle(float x) {
  constexpr float two_over_pi = 0.636619772f;
  constexpr float high = 1.57079637f, middle = -4.37113883e-8f, low = -1.71512449e-15f;
  const float shifted = fmaf(x, two_over_pi, rounding);
  const float n = shifted - rounding;
  const float remainder = fmaf(-n, low, fmaf(-n, middle, fmaf(-n, high, x)));
  return {remainder, IeeeArithmetic<float>::to_bits(shifted)};
}

/// For finite |x| >= 1: the fraction of x * 2 / pi from those of its binary digits that matter
/// (Payne & Hanek 1983). |x| = m 2^e; the digits of 2 / pi above a weight of 2^(2 - e) give whole
/// turns.
POLYAK_HOST_DEVICE ReducedAngle reduce_large_angle(float x) {
  constexpr std::uint32_t two_over_pi[] = {0,          0xa2f9836e, 0x4e441529, 0xfc2757d1,
                                           0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};
  const std::uint32_t bits = IeeeArithmetic<float>::to_bits(x);
  const std::uint64_t m = (bits & 0x7fffff) | 0x800000;
  const unsigned first = ((bits >> 23) & 255) - 120;  // of the digits that matter
  const auto digits = [&](unsigned word) {
    const unsigned index = first / 32 + word;
    const std::uint64_t two_words =
        (std::uint64_t{two_over_pi[index]} << 32) | two_over_pi[index + 1];
    return (two_words >> (32 - first % 32)) & 0xffffffff;
  };
  // The turns' fraction, in units of 2^-64.
  const std::uint64_t turns = (m * digits(0) << 32) + m * digits(1) + (m * digits(2) >> 32);
  const auto fraction = static_cast<std::int64_t>(turns << 2);  // of a quarter, in [-1/2, 1/2)
  const std::uint32_t quarters = static_cast<std::uint32_t>(turns >> 62) + (fraction < 0 ? 1 : 0);
  const auto remainder =
      static_cast<float>(static_cast<double>(fraction) * (1.57079632679489662 * 0x1p-64));
  return x < 0.0f ? ReducedAngle{-remainder, 0u - quarters} : ReducedAngle{remainder, quarters};
}

}  // namespace elementary

struct SineAndCosine {
  float sine, cosine;
};

/// sin(x) and cos(x), each within 1.6 ulp for every finite x; NaN for the others.
POLYAK_HOST_DEVICE SineAndCosine sine_and_cosine(float x) {
  const float size = fabsf(x);
  const bool is_large =
      size > 65536.0f && size <= 3.4028234664e38f;  // what is not finite turns NaN
  const elementary::ReducedAngle angle =
      is_large ? elementary::reduce_large_angle(x) : elementary::reduce_small_angle(x);
  const float r = angle.remainder, square = r * r;
  const float odd = elementary::polynomial(square, -0.000195180997f, 0.00833218824f, -0.166666552f);
  const float sine = fmaf(r * square, odd, r);
  const float cosine =
      elementary::polynomial(square, 2.44325529e-05f, -0.00138873106f, 0.0416666456f, -0.5f, 1.0f);
  const bool exchanged = (angle.quarter_turns & 1) != 0;
  const float first = exchanged ? cosine : sine, second = exchanged ? sine : cosine;
  return {(angle.quarter_turns & 2) != 0 ? -first : first,
          ((angle.quarter_turns + 1) & 2) != 0 ? -second : second};
}

POLYAK_HOST_DEVICE float sine(float x) { return sine_and_cosine(x).sine; }
POLYAK_HOST_DEVICE float cosine(float x) { return sine_and_cosine(x).cosine; }

/// base^exponent for an exponent from 0 on, by squaring: as exact as its some two products per
/// binary digit of the exponent.
POLYAK_HOST_DEVICE double whole_power(double base, std::int64_t exponent) {
  double power = 1.0;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 != 0) power *= base;
    base *= base;
  }
  return power;
}

}  // namespace polyak
