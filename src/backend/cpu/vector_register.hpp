// The vector registers of the machine that the CPU back end is compiled for, and the shape of the
// products that fills them.
#pragma once

#include <bit>
#include <cstddef>

#include "polyak/core/ieee_arithmetic.hpp"

#if defined(__FMA__) || defined(__AVX512F__)
#include <immintrin.h>
#elif defined(__ARM_FEATURE_FMA)
#include <arm_neon.h>
#endif

namespace polyak::cpu {

// A product keeps a tile of tile_rows x tile_vectors sums in registers. Per step along the depth it
// loads tile_vectors vectors and tile_rows single values, so 6 x 4 on AVX-512 leaves 8 of 32
// registers for operands, 6 x 2 on AVX2 leaves 4 of 16, and both are bound by arithmetic.
#if defined(__AVX512F__)
inline constexpr int lanes = 16, tile_rows = 6, tile_vectors = 4;
inline constexpr const char* vector_instructions = "AVX-512";
#elif defined(__AVX2__) && defined(__FMA__)
inline constexpr int lanes = 8, tile_rows = 6, tile_vectors = 2;
inline constexpr const char* vector_instructions = "AVX2";
#else
inline constexpr int lanes = 4, tile_rows = 4, tile_vectors = 2;
inline constexpr const char* vector_instructions = "128-bit vectors";
#endif

/// One register of floats, and of as many whole numbers for comparisons and exponents.
typedef float Vector __attribute__((vector_size(lanes * sizeof(float))));
typedef unsigned BitsVector __attribute__((vector_size(lanes * sizeof(unsigned))));

/// A register's worth of floats in memory, at any float's address.
typedef float VectorInMemory
    __attribute__((vector_size(lanes * sizeof(float)), aligned(4), may_alias));
inline Vector load(const float* from) { return *reinterpret_cast<const VectorInMemory*>(from); }
inline void store(float* to, Vector value) { *reinterpret_cast<VectorInMemory*>(to) = value; }

/// `value` in every lane. Compilers drop a subtraction of zero; an addition they must keep, for -0.
inline Vector broadcast(float value) { return value - Vector{}; }

/// a * b + c with one rounding for a machine without such an instruction. In double the product is
/// exact; the sum is rounded to odd (Boldo & Melquiond 2008), after which rounding to float is as
/// one rounding.
inline Vector multiply_add_by_double(Vector a, Vector b, Vector c) {
  typedef double Doubles __attribute__((vector_size(lanes * sizeof(double)), may_alias));
  typedef long long Bits __attribute__((vector_size(lanes * sizeof(double)), may_alias));
  const auto product = __builtin_convertvector(a, Doubles) * __builtin_convertvector(b, Doubles);
  const auto addend = __builtin_convertvector(c, Doubles);
  const Doubles sum = product + addend;
  const Doubles added = sum - product;
  const Doubles lost = (product - (sum - added)) + (addend - added);  // Knuth's exact remainder
  const Bits bits = reinterpret_cast<const Bits&>(sum);
  const Bits away = ((lost > 0.0) == (sum > 0.0)) | 1;  // -1 - comparisons are masks - or 1
  const Bits is_even_and_inexact = ((lost > 0.0) | (lost < 0.0)) & ((bits & 1) == 0);
  const Bits odd = bits - (is_even_and_inexact & away);
  return __builtin_convertvector(reinterpret_cast<const Doubles&>(odd), Vector);
}

/// a * b + c with one rounding.
inline Vector multiply_add(Vector a, Vector b, Vector c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__FMA__)
  return _mm_fmadd_ps(a, b, c);
#elif defined(__ARM_FEATURE_FMA)
  return vfmaq_f32(c, a, b);
#else
  return multiply_add_by_double(a, b, c);
#endif
}

constexpr std::ptrdiff_t round_up(std::ptrdiff_t count, std::ptrdiff_t multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

}  // namespace polyak::cpu

/// The elementary functions of whole registers.
template <>
struct polyak::IeeeArithmetic<polyak::cpu::Vector> {
  using Float = cpu::Vector;
  using Bits = cpu::BitsVector;

  static Float constant(float value) { return cpu::broadcast(value); }
  static Float multiply_add(Float a, Float b, Float c) { return cpu::multiply_add(a, b, c); }
  static Float clipped_size(Float x, float largest) {
#if defined(__AVX512DQ__)
    // One operation: the smaller in size (1), its sign cleared (2 << 2).
    return _mm512_range_ps(x, constant(largest), 1 << 1 | 2 << 2);
#else
    const Float size = from_bits(to_bits(x) & ~0x80000000u), bound = constant(largest);
    return size < bound ? size : bound;
#endif
  }
  static Float quotient(Float a, Float b) { return a / b; }
  static Bits to_bits(Float x) { return std::bit_cast<Bits>(x); }
  static Float from_bits(Bits bits) { return std::bit_cast<Float>(bits); }
};
