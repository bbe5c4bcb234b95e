#pragma once

// What instructions on floating-point numbers compute. Generated code is compiled with
// -ffp-contract=off, so that + and * here are one rounding each, and with -mfma, which makes
// std::fma one instruction. Which of several not-a-numbers results is the CPU's choice.

#include <cmath>
#include <limits>

#include "emulator/ptx/runtime/values.hpp"

namespace polyak::emulator::ptx {

template <class T>
T fused_multiply_add(T a, T b, T c) {
  return std::fma(a, b, c);
}

template <class T>
T square_root(T value) {
  return std::sqrt(value);
}

/// What rcp.approx may give: the reciprocal with another last bit. Results must not depend on it.
inline f32 approximate_reciprocal(f32 value) {
  const f32 reciprocal = 1.0f / value;
  return std::isnormal(reciprocal) ? std::bit_cast<f32>(std::bit_cast<u32>(reciprocal) ^ 1u)
                                   : reciprocal;
}

template <class T>
bool is_unordered(T a, T b) {
  return std::isnan(a) || std::isnan(b);
}

/// The smaller of two: of a number and no number the number, of two zeros the negative one.
template <class T>
T minimum(T a, T b) {
  if (std::isnan(a)) return b;
  if (std::isnan(b)) return a;
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

/// The greater of two: of a number and no number the number, of two zeros the positive one.
template <class T>
T maximum(T a, T b) {
  if (std::isnan(a)) return b;
  if (std::isnan(b)) return a;
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

/// Subnormal numbers become zero and keep their sign (.ftz).
inline f32 flush(f32 value) {
  return std::fabs(value) < std::numeric_limits<f32>::min() ? std::copysign(0.0f, value) : value;
}

/// The nearest of [0, 1]; what is no number becomes 0 (.sat).
inline f32 saturate(f32 value) {
  if (!(value > 0.0f)) return 0.0f;
  return value < 1.0f ? value : 1.0f;
}

template <class T>
T nearest_integral(T value) {
  return std::nearbyint(value);
}
template <class T>
T truncated(T value) {
  return std::trunc(value);
}
template <class T>
T rounded_down(T value) {
  return std::floor(value);
}
template <class T>
T rounded_up(T value) {
  return std::ceil(value);
}

/// An integral float as an integer; beyond its range the nearest. What is no number becomes 0, or,
/// in 64 bits, only the highest bit.
template <class Integer, class Float>
Integer to_integer(Float integral) {
  using Limits = std::numeric_limits<Integer>;
  if (std::isnan(integral)) return sizeof(Integer) == 8 ? static_cast<Integer>(u64{1} << 63) : 0;
  if (integral >= std::ldexp(Float{1}, Limits::digits)) return Limits::max();
  if (integral <= static_cast<Float>(Limits::min())) return Limits::min();
  return static_cast<Integer>(integral);
}

/// tf32: to nearest, with ties away from zero.
inline u32 tf32_bits(f32 value) {
  const u32 all = bits(value);
  const bool finite = (all & 0x7f800000u) != 0x7f800000u;
  return finite ? (all + 0x1000u) & 0xffffe000u : all;
}

/// bf16: to nearest, with ties to even.
inline u16 bf16_bits(f32 value) {
  if (std::isnan(value)) return 0x7fff;
  const u32 all = bits(value);
  return static_cast<u16>((all + 0x7fffu + (all >> 16 & 1u)) >> 16);
}

}  // namespace polyak::emulator::ptx
