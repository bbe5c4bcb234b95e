#pragma once

// The product of two matrices by one thread block on tensor cores, with the interface of
// matrix_product.cuh: C[m, n] = sum over k of A[m, k] B[n, k], operands rounded to tf32 or bf16 (or
// split in two tf32 parts), sums in fp32.
//
// A block computes a tile of C, each of its warps a rectangle of 16x8 tiles (tensor_core.cuh).
// Operands come to shared memory as floats and are rounded when a lane picks up its fragment.
//
// Every element of C is summed in the order of k, eight or sixteen at a time, whatever the tiles.

#include "kernels/operand_tile.cuh"
#include "kernels/tensor_core.cuh"
#include "polyak/core/precision.hpp"

namespace polyak::kernels {

/// One step along k: how a lane holds its elements of A and B, and the product.
template <Precision precision>
struct TensorStep;

/// Lane elements (group, member) as tensor_core.cuh names them.
__device__ inline int lane_group() { return static_cast<int>(threadIdx.x) % 32 / 4; }
__device__ inline int lane_member() { return static_cast<int>(threadIdx.x) % 4; }

/// The steps of 8 along k, with a conversion of floats to what the product takes.
template <class Element, class Conversion>
struct Tf32Steps {
  static constexpr int depth = 8;
  static constexpr int padding_by_depth = 4;  // pitches of 4 modulo 16: 8 groups, 32 banks
  using FragmentA = Element[4];
  using FragmentB = Element[2];

  template <class Tile>
  __device__ static void load_a(const float* tile, int row, int k, FragmentA& a) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      a[i] = Conversion::convert(
          tile[Tile::place(row + lane_group() + i % 2 * 8, k + lane_member() + i / 2 * 4)]);
    }
  }
  template <class Tile>
  __device__ static void load_b(const float* tile, int column, int k, FragmentB& b) {
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      b[i] =
          Conversion::convert(tile[Tile::place(column + lane_group(), k + lane_member() + i * 4)]);
    }
  }
};

struct RoundToTf32 {
  __device__ static unsigned convert(float value) { return to_tf32(value); }
};
struct SplitToTf32 {
  __device__ static Tf32Parts convert(float value) { return split_tf32(value); }
};

template <>
struct TensorStep<Precision::tf32> : Tf32Steps<unsigned, RoundToTf32> {
  __device__ static void multiply(float (&d)[4], const FragmentA& a, const FragmentB& b) {
    mma_m16n8k8_tf32(d, a, b);
  }
};

template <>
struct TensorStep<Precision::tf32x3> : Tf32Steps<Tf32Parts, SplitToTf32> {
  __device__ static void multiply(float (&d)[4], const FragmentA& a, const FragmentB& b) {
    mma_m16n8k8_tf32x3(d, a, b);
  }
};

template <>
struct TensorStep<Precision::bf16> {
  static constexpr int depth = 16;
  static constexpr int padding_by_depth = 8;  // pitches of 8 modulo 16, for pairs along k
  using FragmentA = unsigned[4];
  using FragmentB = unsigned[2];

  template <class Tile>
  __device__ static void load_a(const float* tile, int row, int k, FragmentA& a) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      a[i] = pair<Tile>(tile, row + lane_group() + i % 2 * 8, k + lane_member() * 2 + i / 2 * 8);
    }
  }
  template <class Tile>
  __device__ static void load_b(const float* tile, int column, int k, FragmentB& b) {
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      b[i] = pair<Tile>(tile, column + lane_group(), k + lane_member() * 2 + i * 8);
    }
  }
  __device__ static void multiply(float (&d)[4], const FragmentA& a, const FragmentB& b) {
    mma_m16n8k16_bf16(d, a, b);
  }

 private:
  template <class Tile>
  __device__ static unsigned pair(const float* tile, int extent, int k) {
    return pack_bf16(tile[Tile::place(extent, k)], tile[Tile::place(extent, k + 1)]);
  }
};

template <class Shape, Contiguous contiguous_a, Contiguous contiguous_b>
struct TensorProduct;

/// Warps in rows and columns, each with so many 16x8 tiles in rows and columns.
template <Precision precision, int WarpRows, int WarpColumns, int TileRows, int TileColumns,
          int Depth, int Stages>
struct TensorShape {
  using Step = TensorStep<precision>;
  static constexpr int warp_columns = WarpColumns;
  static constexpr int tile_rows = TileRows;
  static constexpr int tile_columns = TileColumns;
  static constexpr int depth = Depth;  // k per stage
  static constexpr int stages = Stages;
  static constexpr int rows = WarpRows * TileRows * 16;  // of the block's tile of C
  static constexpr int columns = WarpColumns * TileColumns * 8;
  static constexpr int threads = WarpRows * WarpColumns * 32;
  static constexpr int blocks_per_multiprocessor = 1;
  static_assert(Depth % Step::depth == 0 && rows <= threads);

  static constexpr bool activates_in_memory = false;
  static constexpr SumOrder batch_order = SumOrder::rising;  // sums have an order of their own

  template <Contiguous contiguous_a, Contiguous contiguous_b, SumOrder>
  using Product = TensorProduct<TensorShape, contiguous_a, contiguous_b>;
};
/// For a latency-bound product: many small tiles.
template <Precision precision>
using TensorSmall = TensorShape<precision, 2, 2, 1, 2, 32, 4>;
/// For a product with enough tiles to fill the device.
template <Precision precision>
using TensorMedium = TensorShape<precision, 2, 2, 2, 4, 16, 4>;

/// One thread block's product.
template <class Shape, Contiguous contiguous_a, Contiguous contiguous_b>
struct TensorProduct {
  using Step = typename Shape::Step;
  // Runs along the extent are 8 floats longer: the four members of a group, which read different
  // depths, then use different banks.
  template <Contiguous contiguous, int Extent>
  using Tile = OperandTile<contiguous, Extent, Shape::depth,
                           contiguous == Contiguous::depth ? Shape::Step::padding_by_depth : 8>;
  using TileA = Tile<contiguous_a, Shape::rows>;
  using TileB = Tile<contiguous_b, Shape::columns>;
  static constexpr int shared_floats = Shape::stages * (TileA::floats + TileB::floats);
  static_assert(shared_floats * sizeof(float) <= 48 * 1024);

  float sums[Shape::tile_rows][Shape::tile_columns][4] = {};  // of A B^T
  float sum_of_a = 0.0f;  // in fp32, of row threadIdx.x over k, where asked for

  /// Multiplies over the part's k. `shared` has shared_floats floats.
  __device__ void accumulate(const Operand& a, const Operand& b, const ProductPart& part, int,
                             bool sum_a, float* shared) {
    for_each_stage<Shape::threads, Shape::depth, Shape::stages, TileA, TileB>(
        a, b, part, shared, [&](const float* tile_a, const float* tile_b) {
#pragma unroll
          for (int k = 0; k < Shape::depth; k += Step::depth) multiply_step(tile_a, tile_b, k);
          if (sum_a) add_row_of_a(tile_a);
        });
  }

  /// As Fp32Product::finish.
  template <class Store, class StoreSumOfA>
  __device__ void finish(bool sum_a, const Store& store, const StoreSumOfA& store_sum_of_a) const {
#pragma unroll
    for (int i = 0; i < Shape::tile_rows; ++i) {
#pragma unroll
      for (int j = 0; j < Shape::tile_columns; ++j) {
#pragma unroll
        for (int element = 0; element < 4; ++element) {
          store(first_row(i) + lane_group() + element / 2 * 8,
                first_column(j) + lane_member() * 2 + element % 2, sums[i][j][element]);
        }
      }
    }
    const int thread = static_cast<int>(threadIdx.x);
    if (sum_a && thread < Shape::rows) store_sum_of_a(thread, sum_of_a);
  }

 private:
  /// Of the warp's tile (i, j), in the block's.
  __device__ static int first_row(int i) {
    const int warp_row = static_cast<int>(threadIdx.x) / 32 / Shape::warp_columns;
    return (warp_row * Shape::tile_rows + i) * 16;
  }
  __device__ static int first_column(int j) {
    const int warp_column = static_cast<int>(threadIdx.x) / 32 % Shape::warp_columns;
    return (warp_column * Shape::tile_columns + j) * 8;
  }

  __device__ void multiply_step(const float* tile_a, const float* tile_b, int k) {
    typename Step::FragmentA a[Shape::tile_rows];
    typename Step::FragmentB b[Shape::tile_columns];
#pragma unroll
    for (int i = 0; i < Shape::tile_rows; ++i) {
      Step::template load_a<TileA>(tile_a, first_row(i), k, a[i]);
    }
#pragma unroll
    for (int j = 0; j < Shape::tile_columns; ++j) {
      Step::template load_b<TileB>(tile_b, first_column(j), k, b[j]);
    }
#pragma unroll
    for (int i = 0; i < Shape::tile_rows; ++i) {
#pragma unroll
      for (int j = 0; j < Shape::tile_columns; ++j) Step::multiply(sums[i][j], a[i], b[j]);
    }
  }

  __device__ void add_row_of_a(const float* tile_a) {
    const int row = static_cast<int>(threadIdx.x);
    if (row >= Shape::rows) return;
    for (int k = 0; k < Shape::depth; ++k) sum_of_a += tile_a[TileA::place(row, k)];
  }
};

}  // namespace polyak::kernels
