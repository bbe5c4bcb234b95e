#pragma once

// The product of two matrices by one warp: C[m, n] = sum over k of A[m, k] B[n, k], in fp32 or on
// tensor cores. The sums stay in the lanes' registers.
//
// Lane l of a warp holds, of each 16x8 tile of C, the elements of tensor cores' accumulators
// (tensor_core.cuh): rows l / 4 and l / 4 + 8, columns 2 (l % 4) and the next. Only in fp32, and
// where A's neighbouring rows are read together, are the rows 2 (l / 4) and the next. Every element
// is summed over k in rising order, in steps of depth_multiple(precision), whatever the shape of a
// warp's work: its bits depend on the operands alone.

#include "kernels/fused/shape.cuh"
#include "kernels/tensor_core.cuh"

namespace polyak::kernels::fused {

/// Reads `Count` neighbouring floats at an address that is a multiple of their size.
template <int Count>
__device__ POLYAK_INLINE void read_vector(const float* address, float (&values)[Count]) {
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

/// Extents beyond the last stand for it, so that whole pieces of so many may be read; their sums
/// are for nobody. Where pieces fill the extent there is nothing to do.
__device__ POLYAK_INLINE int clamp_extent(int e, int extent, int last, int piece) {
  return extent % piece == 0 ? e : min(e, last);
}

/// An operand whose depth is contiguous: element (e, k) is data[e * pitch + k].
struct DepthContiguous {
  static constexpr int rows_apart = 8;  // of the two rows that a lane reads, without bank conflicts
  const float* data;
  int pitch;
  int extent;

  /// values[i] = (e, k + i).
  template <int Piece, int Count>
  __device__ POLYAK_INLINE void read(int e, int k, float (&values)[Count]) const {
    read_vector(data + clamp_extent(e, extent, extent - 1, Piece) * pitch + k, values);
  }
  /// The same for e and e + Apart.
  template <int Piece, int Apart, int Count>
  __device__ POLYAK_INLINE void read_two(int e, int k, float (&first)[Count],
                                         float (&second)[Count]) const {
    read<Piece>(e, k, first);
    read<Piece>(e + Apart, k, second);
  }
};

/// An operand whose extent is contiguous: element (e, k) is data[k * pitch + e]. The pitch is a
/// multiple of 2, so that every element has a neighbour.
struct ExtentContiguous {
  static constexpr int rows_apart = 1;
  const float* data;
  int pitch;
  int extent;

  template <int Piece, int Count>
  __device__ POLYAK_INLINE void read(int e, int k, float (&values)[Count]) const {
    const float* const first = data + k * pitch + clamp_extent(e, extent, extent - 1, Piece);
#pragma unroll
    for (int i = 0; i < Count; ++i) values[i] = first[i * pitch];
  }
  /// A neighbour comes along; then e is even.
  template <int Piece, int Apart, int Count>
  __device__ POLYAK_INLINE void read_two(int e, int k, float (&first)[Count],
                                         float (&second)[Count]) const {
    if constexpr (Apart != 1) {
      read<Piece>(e, k, first);
      read<Piece>(e + Apart, k, second);
    } else {
      const int last_pair = (extent - 1) / 2 * 2;
      const float* const pair = data + k * pitch + clamp_extent(e, extent, last_pair, Piece);
#pragma unroll
      for (int i = 0; i < Count; ++i) {
        const float2 two = *reinterpret_cast<const float2*>(pair + i * pitch);
        first[i] = two.x;
        second[i] = two.y;
      }
    }
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

  /// Of the two rows of A that a lane has in a tile: tensor cores want them 8 apart, in fp32 they
  /// are as the operand is read best.
  template <class A>
  static constexpr int rows_apart = own_elements ? A::rows_apart : 8;

  __device__ static int first_depth(int lane) { return own_elements ? 0 : lane % 4 * depths; }
  template <class A>
  __device__ static int first_row(int lane) {
    return rows_apart<A> == 1 ? lane / 4 * 2 : lane / 4;
  }
  __device__ static int first_column(int lane) { return own_elements ? lane % 4 * 2 : lane / 4; }
};

/// sums += the products of one step for one 16x8 tile; a[half][depth], b[column][depth].
template <Precision precision>
__device__ POLYAK_INLINE void multiply_step(
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

/// RowTiles x ColumnTiles tiles of 16x8 from (first_row, first_column) on. The sums of a tile are
/// by rows: of the lane's first row two neighbouring columns, then of its second.
template <Precision precision, int RowTiles, int ColumnTiles>
struct WarpProduct {
  using Share = LaneShare<precision>;
  static constexpr int rows = RowTiles * tile_rows, columns = ColumnTiles * tile_columns;
  float sums[RowTiles][ColumnTiles][4] = {};

  /// Adds the products over k in [begin, end), multiples of depth_multiple(precision). All lanes of
  /// a warp call it together.
  template <int Unroll, class A, class B>
  __device__ POLYAK_INLINE void accumulate(const A& a, const B& b, int first_row, int first_column,
                                           int begin, int end) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int first_depth = Share::first_depth(lane);
    const int row = first_row + Share::template first_row<A>(lane);
    const int column = first_column + Share::first_column(lane);
#pragma unroll Unroll
    for (int step = begin; step < end; step += Share::step) {
      const int k = step + first_depth;
      float a_share[RowTiles][2][Share::depths];
      float b_share[ColumnTiles][Share::columns][Share::depths];
#pragma unroll
      for (int i = 0; i < RowTiles; ++i) {
        a.template read_two<rows, Share::template rows_apart<A>>(row + i * tile_rows, k,
                                                                 a_share[i][0], a_share[i][1]);
      }
#pragma unroll
      for (int j = 0; j < ColumnTiles; ++j)
        read_columns(b, column + j * tile_columns, k, b_share[j]);
#pragma unroll
      for (int i = 0; i < RowTiles; ++i) {
#pragma unroll
        for (int j = 0; j < ColumnTiles; ++j) {
          multiply_step<precision>(sums[i][j], a_share[i], b_share[j]);
        }
      }
    }
  }

  /// Calls visit(row, column, first, second) for the lane's elements of A B^T by twos: C[row,
  /// column] and C[row, column + 1]. Some lie beyond the extents.
  template <class A, class Visit>
  __device__ POLYAK_INLINE void visit_pairs(int first_row, int first_column,
                                            const Visit& visit) const {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int row = first_row + Share::template first_row<A>(lane);
#pragma unroll
    for (int i = 0; i < RowTiles; ++i) {
#pragma unroll
      for (int j = 0; j < ColumnTiles; ++j) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          visit(row + i * tile_rows + Share::template rows_apart<A> * half,
                first_column + j * tile_columns + lane % 4 * 2, sums[i][j][2 * half],
                sums[i][j][2 * half + 1]);
        }
      }
    }
  }

 private:
  template <class B>
  __device__ POLYAK_INLINE static void read_columns(const B& b, int column, int k,
                                                    float (&share)[Share::columns][Share::depths]) {
    if constexpr (Share::columns == 2) {
      b.template read_two<columns, 1>(column, k, share[0], share[1]);
    } else {
      b.template read<columns>(column, k, share[0]);
    }
  }
};

}  // namespace polyak::kernels::fused
