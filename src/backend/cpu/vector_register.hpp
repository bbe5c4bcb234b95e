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
typedef int IntegerVector __attribute__((vector_size(lanes * sizeof(int))));

/// A register's worth of floats in memory, at any float's address.
typedef float VectorInMemory
    __attribute__((vector_size(lanes * sizeof(float)), aligned(4), may_alias));
inline Vector load(const float* from) { return *reinterpret_cast<const VectorInMemory*>(from); }
inline void store(float* to, Vector value) { *reinterpret_cast<VectorInMemory*>(to) = value; }

/// `value` in every lane. Compilers drop a subtraction of zero; an addition they must keep, for -0.
inline Vector broadcast(float value) { return value - Vector{}; }

/// a * b + c in one instruction and one rounding where the machine has that, else in two. Written
/// out because compilers decide case by case whether to contract, and equal sums must have equal
/// bits.
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
  return a * b + c;
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
  using Integer = cpu::IntegerVector;

  static Float constant(float value) { return cpu::broadcast(value); }
  static Float multiply_add(Float a, Float b, Float c) { return cpu::multiply_add(a, b, c); }
  static Integer to_bits(Float x) { return std::bit_cast<Integer>(x); }
  static Float from_bits(Integer bits) { return std::bit_cast<Float>(bits); }
};
