#pragma once

// The product of two matrices by one warp: C[m, n] = sum over k of A[m, k] B[n, k], in fp32 or on
// tensor cores. The sums stay in the lanes' registers.
//
// Whatever the precision, lane l of a warp holds, of each 16x8 tile of C, the elements of tensor
// cores' accumulators (tensor_core.cuh): rows l / 4 and l / 4 + 8, columns 2 (l % 4) and the next.
// Every element is summed over k in rising order, in steps of depth_multiple(precision), whatever
// the shape of a warp's work: its bits depend on the operands alone.

#include "kernels/fused/plan.hpp"
#include "kernels/portability.cuh"
#include "kernels/tensor_core.cuh"

namespace polyak::kernels::fused {

/// Reads `Count` neighbouring floats at an address that is a multiple of their size.
template <int Count>
__device__ void read_vector(const float* address, float (&values)[Count]) {
  static_assert(Count == 2 || Count == 4);
  if constexpr (Count == 4) {
    const float4 four = *reinterpret_cast<const float4*>(address);
    values[0] = four.x;
    values[1] = four.y;
    values[2] = four.z;
    values[3] = four.w;
  } else {
    const float2 two = *reinterpret_cast<const float2*>(address);
    values[0] = two.x;
    values[1] = two.y;
  }
}

/// An operand whose depth is contiguous: element (e, k) is data[e * pitch + k]. Extents beyond the
/// last stand for the last, so that whole tiles may be read; their sums are for nobody.
struct DepthContiguous {
  const float* data;
  int pitch;
  int extent;

  template <int Count>
  __device__ void read(int e, int k, float (&values)[Count]) const {
    read_vector(data + min(e, extent - 1) * pitch + k, values);
  }
};

/// An operand whose extent is contiguous: element (e, k) is data[k * pitch + e].
struct ExtentContiguous {
  const float* data;
  int pitch;
  int extent;

  template <int Count>
  __device__ void read(int e, int k, float (&values)[Count]) const {
    const float* const first = data + k * pitch + min(e, extent - 1);
#pragma unroll
    for (int i = 0; i < Count; ++i) values[i] = first[i * pitch];
  }
};

/// One lane's share of a step along k.
///   fp32:  every lane multiplies its own elements of C, so it needs all 4 depths of its rows and
///          columns.
///   tensor cores: a lane brings some depths of a row of A and a column of B. The hardware's order
///          of k within a step is free, as long as A and B agree: a lane takes neighbouring ones.
template <Precision precision>
struct LaneShare {
  static constexpr bool own_elements = precision == Precision::fp32;
  static constexpr int step = depth_multiple(precision);
  static constexpr int depths = own_elements ? 4 : step / 4;
  static constexpr int columns = own_elements ? 2 : 1;  // of each tile of B

  __device__ static int first_depth(int lane) { return own_elements ? 0 : lane % 4 * depths; }
  __device__ static int row(int lane, int half) { return lane / 4 + 8 * half; }
  __device__ static int column(int lane, int i) {
    return own_elements ? lane % 4 * 2 + i : lane / 4;
  }
};

/// sums += the products of one step for one 16x8 tile; a[half][depth], b[column][depth].
template <Precision precision>
__device__ void multiply_step(
    float (&sums)[4], const float (&a)[2][LaneShare<precision>::depths],
    const float (&b)[LaneShare<precision>::columns][LaneShare<precision>::depths]) {
  if constexpr (precision == Precision::fp32) {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
#pragma unroll
      for (int i = 0; i < 4; ++i) sums[i] = fmaf(a[i / 2][k], b[i % 2][k], sums[i]);
    }
  } else if constexpr (precision == Precision::tf32) {
    const unsigned a_bits[4] = {to_tf32(a[0][0]), to_tf32(a[1][0]), to_tf32(a[0][1]),
                                to_tf32(a[1][1])};
    const unsigned b_bits[2] = {to_tf32(b[0][0]), to_tf32(b[0][1])};
    mma_m16n8k8_tf32(sums, a_bits, b_bits);
  } else if constexpr (precision == Precision::tf32x3) {
    const Tf32Parts a_parts[4] = {split_tf32(a[0][0]), split_tf32(a[1][0]), split_tf32(a[0][1]),
                                  split_tf32(a[1][1])};
    const Tf32Parts b_parts[2] = {split_tf32(b[0][0]), split_tf32(b[0][1])};
    mma_m16n8k8_tf32x3(sums, a_parts, b_parts);
  } else {
    const unsigned a_bits[4] = {pack_bf16(a[0][0], a[0][1]), pack_bf16(a[1][0], a[1][1]),
                                pack_bf16(a[0][2], a[0][3]), pack_bf16(a[1][2], a[1][3])};
    const unsigned b_bits[2] = {pack_bf16(b[0][0], b[0][1]), pack_bf16(b[0][2], b[0][3])};
    mma_m16n8k16_bf16(sums, a_bits, b_bits);
  }
}

/// RowTiles x ColumnTiles tiles of 16x8 from (first_row, first_column) on.
template <Precision precision, int RowTiles, int ColumnTiles>
struct WarpProduct {
  using Share = LaneShare<precision>;
  float sums[RowTiles][ColumnTiles][4] = {};

  /// Adds the products over k in [begin, end), multiples of depth_multiple(precision). All lanes of
  /// a warp call it together.
  template <class A, class B>
  __device__ void accumulate(const A& a, const B& b, int first_row, int first_column, int begin,
                             int end) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int first_depth = Share::first_depth(lane);
#pragma unroll 2
    for (int k = begin + first_depth; k < end + first_depth; k += Share::step) {
      float a_share[RowTiles][2][Share::depths];
      float b_share[ColumnTiles][Share::columns][Share::depths];
#pragma unroll
      for (int i = 0; i < 2 * RowTiles; ++i) {
        a.read(first_row + i / 2 * tile_rows + Share::row(lane, i % 2), k, a_share[i / 2][i % 2]);
      }
#pragma unroll
      for (int j = 0; j < ColumnTiles; ++j) {
#pragma unroll
        for (int i = 0; i < Share::columns; ++i) {
          b.read(first_column + j * tile_columns + Share::column(lane, i), k, b_share[j][i]);
        }
      }
#pragma unroll
      for (int i = 0; i < RowTiles; ++i) {
#pragma unroll
        for (int j = 0; j < ColumnTiles; ++j) {
          multiply_step<precision>(sums[i][j], a_share[i], b_share[j]);
        }
      }
    }
  }

  /// Calls visit(row, column, first, second) for the lane's elements by twos: C[row, column] and
  /// C[row, column + 1]. Some lie beyond the extents.
  template <class Visit>
  __device__ void visit_pairs(int first_row, int first_column, const Visit& visit) const {
    const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
    for (int i = 0; i < RowTiles; ++i) {
#pragma unroll
      for (int j = 0; j < ColumnTiles; ++j) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          visit(first_row + i * tile_rows + lane / 4 + 8 * half,
                first_column + j * tile_columns + lane % 4 * 2, sums[i][j][2 * half],
                sums[i][j][2 * half + 1]);
        }
      }
    }
  }
};

}  // namespace polyak::kernels::fused
