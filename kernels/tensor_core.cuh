#pragma once

// Products of small matrices by a whole warp on tensor cores (mma.sync of the PTX ISA): D = A B + D
// with D in fp32. All 32 lanes call these together.
//
// Which lane holds which elements, with group = lane / 4 and member = lane % 4:
//
//   D, 16x8:  d[0], d[1] = row group,     columns 2*member, 2*member + 1
//             d[2], d[3] = row group + 8, the same columns
//
// Below sm_80 they trap: Turing has neither tf32 nor bf16 tensor cores. The emulator sums the
// products in the order of k by fmaf; a device adds in an order of its own, with the same
// products, so compare with a tolerance where sums are not exact.

#if defined(__CUDACC__)
#include <cuda_bf16.h>
#endif

#include "kernels/portability.cuh"

namespace polyak::kernels {

/// Rounds to tf32 (10 bits of fraction), to nearest with ties away from zero, as the bits that
/// mma_m16n8k8_tf32 takes. Below sm_80 the bits of `value` as they are.
__device__ inline unsigned to_tf32(float value) {
#if !defined(__CUDACC__)
  const unsigned bits = __float_as_uint(value);
  const bool finite = (bits & 0x7f800000u) != 0x7f800000u;
  return finite ? (bits + 0x1000u) & 0xffffe000u : bits;
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  unsigned bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
  return bits;
#else
  return __float_as_uint(value);
#endif
}

/// A float as the sum of two tf32 numbers. Of a finite value v they keep all but 2^-23 |v|; an
/// infinity becomes infinity and NaN.
struct Tf32Parts {
  unsigned big, small;
};
__device__ inline Tf32Parts split_tf32(float value) {
  const unsigned big = to_tf32(value);
  return {big, to_tf32(value - __uint_as_float(big))};  // the difference is exact
}

/// Packs two floats, rounded to bf16, the first one into the lower half.
__device__ inline unsigned pack_bf16(float low, float high) {
  const unsigned low_bits = __bfloat16_as_ushort(__float2bfloat16_rn(low));
  const unsigned high_bits = __bfloat16_as_ushort(__float2bfloat16_rn(high));
  return high_bits << 16 | low_bits;
}

#if defined(__CUDACC__)

/// D(16x8) += A(16x8) B(8x8) in tf32; the lower 13 bits of every element are ignored.
///   A: a[0] = (group, member), a[1] = (group + 8, member), a[2] = (group, member + 4),
///      a[3] = (group + 8, member + 4), as (row, k)
///   B: b[0] = (member, group), b[1] = (member + 4, group), as (k, column)
__device__ inline void mma_m16n8k8_tf32(float (&d)[4], const unsigned (&a)[4],
                                        const unsigned (&b)[2]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  __trap();
#endif
}

/// D(16x8) += A(16x16) B(16x8) in bf16; each word holds two elements, the lower k in the lower
/// half.
///   A: a[0] = (group, 2*member), a[1] = (group + 8, 2*member), a[2] = (group, 2*member + 8),
///      a[3] = (group + 8, 2*member + 8), as (row, k) and (row, k + 1)
///   B: b[0] = (2*member, group), b[1] = (2*member + 8, group), as (k, column), (k + 1, column)
__device__ inline void mma_m16n8k16_bf16(float (&d)[4], const unsigned (&a)[4],
                                         const unsigned (&b)[2]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  __trap();
#endif
}

#else

/// The emulator's counterparts, with the same layouts; they know where they are called from.
inline void mma_m16n8k8_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                             emulator::SourceLocation where = emulator::SourceLocation::current()) {
  emulator::multiply_tf32_fragments(d, a, b, {"mma_m16n8k8_tf32", where});
}
inline void mma_m16n8k16_bf16(
    float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
    emulator::SourceLocation where = emulator::SourceLocation::current()) {
  emulator::multiply_bf16_fragments(d, a, b, {"mma_m16n8k16_bf16", where});
}

#endif

/// D(16x8) += A(16x8) B(8x8) with nearly the accuracy of fp32, by three products in tf32 of
/// operands that split_tf32() made; the layouts are those of mma_m16n8k8_tf32. What is left out,
/// the product of the small parts, is below 2^-22 |A| |B|. The small products go first, and the sum
/// is added to D in fp32 with rounding to nearest: tensor cores truncate, which over a long sum
/// would cost what the split gains (Ootomo & Yokota 2022, arXiv 2203.03341).
__device__ inline void mma_m16n8k8_tf32x3(float (&d)[4], const Tf32Parts (&a)[4],
                                          const Tf32Parts (&b)[2]) {
  const unsigned a_big[4] = {a[0].big, a[1].big, a[2].big, a[3].big};
  const unsigned a_small[4] = {a[0].small, a[1].small, a[2].small, a[3].small};
  const unsigned b_big[2] = {b[0].big, b[1].big};
  const unsigned b_small[2] = {b[0].small, b[1].small};
  float sum[4] = {};
  mma_m16n8k8_tf32(sum, a_small, b_big);
  mma_m16n8k8_tf32(sum, a_big, b_small);
  mma_m16n8k8_tf32(sum, a_big, b_big);
  for (int i = 0; i < 4; ++i) d[i] += sum[i];
}

}  // namespace polyak::kernels
