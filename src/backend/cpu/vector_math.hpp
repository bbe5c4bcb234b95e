// The activations and their derivatives on whole vector registers, without branches; the C
// library's functions take one value at a time and would cost more than the matrix products.
#pragma once

#include <bit>

#include "backend/cpu/vector_register.hpp"
#include "polyak/core/activation.hpp"

namespace polyak::cpu {

/// exp(x) - 1 within 3 units in the last place, also near zero; x is clipped to [-17, 87], beyond
/// which the result is -1 or close to overflow. NaN gives NaN.
/// x = n ln 2 + r with |r| <= ln(2) / 2; then 2^n (exp(r) - 1) + (2^n - 1) cancels nothing.
inline Vector exponential_minus_one(Vector x) {
  constexpr float log2_e = 1.44269504f;
  constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;  // their sum is ln 2
  constexpr float rounding = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number
  const Vector smallest = broadcast(-17.0f), largest = broadcast(87.0f);
  x = x < smallest ? smallest : x;
  x = x > largest ? largest : x;
  const Vector shifted = multiply_add(x, broadcast(log2_e), broadcast(rounding));
  const Vector n = shifted - rounding;
  const Vector r = multiply_add(n, broadcast(-ln2_low), multiply_add(n, broadcast(-ln2_high), x));
  // Taylor series to the 8th power: the first term left out is below 2e-8 of r.
  Vector series = broadcast(1.0f / 40320.0f);
  series = multiply_add(series, r, broadcast(1.0f / 5040.0f));
  series = multiply_add(series, r, broadcast(1.0f / 720.0f));
  series = multiply_add(series, r, broadcast(1.0f / 120.0f));
  series = multiply_add(series, r, broadcast(1.0f / 24.0f));
  series = multiply_add(series, r, broadcast(1.0f / 6.0f));
  series = multiply_add(series, r, broadcast(0.5f));
  const Vector minus_one = multiply_add(r * r, series, r);
  // The low bits of `shifted` hold n; shifting them into the exponent makes 2^n.
  const IntegerVector exponent = (std::bit_cast<IntegerVector>(shifted) << 23) + 0x3f800000;
  const Vector power = std::bit_cast<Vector>(exponent);
  return multiply_add(power, minus_one, power - 1.0f);
}

/// tanh(x) within 4 units in the last place; NaN gives NaN.
/// x P(x^2) / Q(x^2) on |x| <= 9.02, beyond which tanh rounds to 1: the rational function with the
/// smallest largest relative error (2.1e-8, found by iteratively reweighted least squares).
inline Vector hyperbolic_tangent(Vector x) {
  const Vector saturation = broadcast(9.02f), one = broadcast(1.0f);
  x = x > saturation ? saturation : x;
  x = x < -saturation ? -saturation : x;
  const Vector square = x * x;
  Vector p = broadcast(1.33190317e-08f);
  p = multiply_add(p, square, broadcast(2.058345e-05f));
  p = multiply_add(p, square, broadcast(0.00349403256f));
  p = multiply_add(p, square, broadcast(0.133797162f));
  p = multiply_add(p, square, broadcast(0.999999979f));
  Vector q = broadcast(7.76200234e-07f);
  q = multiply_add(q, square, broadcast(0.000328308964f));
  q = multiply_add(q, square, broadcast(0.0258710655f));
  q = multiply_add(q, square, broadcast(0.467130315f));
  q = multiply_add(q, square, one);
  const Vector result = x * p / q;
  const Vector not_above = result > one ? one : result;
  return not_above < -one ? -one : not_above;
}

/// y = f(x), as activate() of polyak/core/activation.hpp.
template <Activation activation>
Vector activated(Vector x) {
  if constexpr (activation == Activation::relu) {
    return x < 0.0f ? Vector{} : x;  // written so that NaN stays NaN and is found
  } else if constexpr (activation == Activation::tanh) {
    return hyperbolic_tangent(x);
  } else if constexpr (activation == Activation::elu) {
    return x > 0.0f ? x : exponential_minus_one(x);
  } else {
    return x;
  }
}

/// f'(x) as a function of y = f(x), as activation_derivative().
template <Activation activation>
Vector derivative(Vector y) {
  if constexpr (activation == Activation::relu) {
    return y > 0.0f ? broadcast(1.0f) : Vector{};
  } else if constexpr (activation == Activation::tanh) {
    return 1.0f - y * y;
  } else if constexpr (activation == Activation::elu) {
    return y > 0.0f ? broadcast(1.0f) : y + 1.0f;
  } else {
    return broadcast(1.0f);
  }
}

}  // namespace polyak::cpu
