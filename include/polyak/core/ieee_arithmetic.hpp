// The operations that IEEE 754 rounds alike on every machine, for one float here and for a register
// of them on the CPU (src/backend/cpu/vector_register.hpp): what is built of them has the same bits
// everywhere. The comparisons and + - * / are the language's own.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "polyak/core/host_device.hpp"

namespace polyak {

template <class Float>
struct IeeeArithmetic;

template <>
struct IeeeArithmetic<float> {
  using Bits = std::uint32_t;  // whose arithmetic wraps

  POLYAK_HOST_DEVICE static float constant(float value) { return value; }

  /// a * b + c with one rounding.
  POLYAK_HOST_DEVICE static float multiply_add(float a, float b, float c) { return fmaf(a, b, c); }

  /// The smaller of |x| and `largest`; `largest` for NaN.
  POLYAK_HOST_DEVICE static float clipped_size(float x, float largest) {
    const float size = fabsf(x);
    return size < largest ? size : largest;
  }

  /// a / b for |b| from 2^-60 to 2^60 and |a| from 2^-60 |b| to 2^60 |b|; for other a a quotient
  /// that means nothing, for NaN NaN. nvcc's division is these operations behind a test for
  /// operands near the ends of the range, whose branches would keep one quotient from being
  /// computed beside another.
  POLYAK_HOST_DEVICE static float quotient(float a, float b) {
#if defined(__CUDA_ARCH__)
    float inverse;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(inverse) : "f"(b));
    inverse = fmaf(inverse, fmaf(-b, inverse, 1.0f), inverse);
    const float guess = a * inverse;
    const float better = fmaf(inverse, fmaf(-b, guess, a), guess);
    return fmaf(inverse, fmaf(-b, better, a), better);
#else
    return a / b;
#endif
  }

  POLYAK_HOST_DEVICE static Bits to_bits(float x) {
#if defined(__CUDA_ARCH__)
    return __float_as_uint(x);
#else
    return std::bit_cast<Bits>(x);
#endif
  }

  POLYAK_HOST_DEVICE static float from_bits(Bits bits) {
#if defined(__CUDA_ARCH__)
    return __uint_as_float(bits);
#else
    return std::bit_cast<float>(bits);
#endif
  }
};

}  // namespace polyak
