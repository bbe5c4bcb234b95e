#pragma once

// The product of two matrices by one thread block in fp32: C[m, n] = sum over k of A[m, k] B[n, k].
// The three products of a linear layer differ only in which index of A and B is contiguous.
//
// A block computes a tile of C, a thread a square of the tile. Every element of C is summed in the
// order that is asked for (polyak/core/summation.hpp): all tiles give the same bits.

#include "kernels/operand_tile.cuh"
#include "polyak/core/summation.hpp"

namespace polyak::kernels {

template <class Shape, Contiguous contiguous_a, Contiguous contiguous_b, SumOrder order>
struct Fp32Product;

inline constexpr int depth_step = 4;  // k that a thread reads from shared memory at once

template <int ThreadRows, int ThreadColumns, int Square, int Depth, int Stages,
          int BlocksPerMultiprocessor>
struct Fp32Shape {
  static constexpr int thread_rows = ThreadRows;
  static constexpr int thread_columns = ThreadColumns;
  static constexpr int square = Square;  // rows and columns of C per thread
  static constexpr int depth = Depth;    // k per stage
  static constexpr int stages = Stages;
  static constexpr int rows = ThreadRows * Square;  // of the block's tile of C
  static constexpr int columns = ThreadColumns * Square;
  static constexpr int threads = ThreadRows * ThreadColumns;
  static constexpr int blocks_per_multiprocessor = BlocksPerMultiprocessor;
  /// What a block has the registers for, of the sums over a batch.
  static constexpr SumOrder batch_order = Square < 8 ? SumOrder::grouped : SumOrder::rising;
  // A large square fills the multipliers by itself; unrolled, it would not fit the registers, and
  // neither would what an activation needs beside its sums.
  static constexpr bool activates_in_memory = Square >= 8;
  static constexpr int unrolled_steps = Square < 8 ? Depth / depth_step : 1;
  static_assert(Depth % depth_step == 0 && (Square == 2 || Square % 4 == 0));

  template <Contiguous contiguous_a, Contiguous contiguous_b, SumOrder order>
  using Product = Fp32Product<Fp32Shape, contiguous_a, contiguous_b, order>;
};
/// For a latency-bound product: many small tiles, and few sums for each of many threads.
using Fp32Small = Fp32Shape<16, 16, 2, 32, 4, 1>;
/// For a product with enough tiles to fill the device.
using Fp32Medium = Fp32Shape<16, 16, 4, 16, 3, 2>;
/// For one with plenty: 64 multiply-adds for 16 floats from shared memory, which keeps the
/// multipliers, not shared memory, at the limit. 128 registers per thread let two blocks share a
/// multiprocessor, and leave none for a second set of sums: not for several groups of rows.
using Fp32Large = Fp32Shape<16, 16, 8, 16, 2, 2>;

/// For a product with up to thin_outputs columns, as the last layer of a critic: bound by reading
/// A.
using Fp32Narrow = Fp32Shape<64, 1, 4, 16, 2, 1>;

/// A thread's view of one operand: `Square` extents, four depths at a time.
template <class Tile, int ThreadsAlong, int Square>
struct ThreadOperand {
  static constexpr int run = Square < 4 ? Square : 4;  // neighbouring extents that it reads at once

  /// Which extent of the tile is number i of a thread's.
  __device__ static int extent_of(int thread, int i) {
    return Tile::by_depth ? thread + i * ThreadsAlong
                          : i / run * (run * ThreadsAlong) + thread * run + i % run;
  }

  /// All of the thread's extents at depths k to k + 3: values[extent][depth].
  __device__ static void read(const float* tile, int thread, int k,
                              float (&values)[Square][depth_step]) {
    if constexpr (Tile::by_depth) {
#pragma unroll
      for (int i = 0; i < Square; ++i) read_depths(tile, thread, i, k, values[i]);
    } else {
#pragma unroll
      for (int step = 0; step < depth_step; ++step) {
        float at_depth[Square];
        read_extents(tile, thread, k + step, at_depth);
#pragma unroll
        for (int i = 0; i < Square; ++i) values[i][step] = at_depth[i];
      }
    }
  }

  /// One extent at depths k to k + 3, which are contiguous.
  __device__ static void read_depths(const float* tile, int thread, int i, int k,
                                     float (&values)[depth_step]) {
    const float4 four =
        *reinterpret_cast<const float4*>(tile + Tile::place(extent_of(thread, i), k));
    values[0] = four.x, values[1] = four.y, values[2] = four.z, values[3] = four.w;
  }

  /// All extents at depth k, in runs that are contiguous.
  __device__ static void read_extents(const float* tile, int thread, int k,
                                      float (&values)[Square]) {
#pragma unroll
    for (int i = 0; i < Square; i += run) {
      const float* const first = tile + Tile::place(extent_of(thread, i), k);
      if constexpr (run == 2) {
        const float2 two = *reinterpret_cast<const float2*>(first);
        values[i] = two.x, values[i + 1] = two.y;
      } else {
        const float4 four = *reinterpret_cast<const float4*>(first);
        values[i] = four.x, values[i + 1] = four.y, values[i + 2] = four.z, values[i + 3] = four.w;
      }
    }
  }
};

/// One thread block's product. Thread t of the block stands at row t / thread_columns, column t %
/// thread_columns.
template <class Shape, Contiguous contiguous_a, Contiguous contiguous_b, SumOrder order>
struct Fp32Product {
  // Runs along the depth are 4 floats longer: eight threads that read 16 bytes each from different
  // runs then use all 32 banks.
  template <Contiguous contiguous, int Extent>
  using Tile =
      OperandTile<contiguous, Extent, Shape::depth, contiguous == Contiguous::depth ? 4 : 0>;
  using TileA = Tile<contiguous_a, Shape::rows>;
  using TileB = Tile<contiguous_b, Shape::columns>;
  using ThreadA = ThreadOperand<TileA, Shape::thread_rows, Shape::square>;
  using ThreadB = ThreadOperand<TileB, Shape::thread_columns, Shape::square>;
  static constexpr int square = Shape::square;
  static constexpr int shared_floats = Shape::stages * (TileA::floats + TileB::floats);
  static_assert(shared_floats * sizeof(float) <= 48 * 1024);

  static constexpr bool grouped = order == SumOrder::grouped;
  static constexpr int parts = order == SumOrder::interleaved ? interleaved_sums : 1;
  static_assert(interleaved_sums == depth_step && row_lanes % depth_step == 0);

  float sums[parts][square][square] = {};  // of A B^T; of a group of rows
  float sums_of_a[square] = {};            // of A over k, where asked for
  // Of the groups before; not there in other orders.
  float totals[grouped ? square : 1][square] = {};
  float totals_of_a[square] = {};

  __device__ static int thread_row() {
    return static_cast<int>(threadIdx.x) / Shape::thread_columns;
  }
  __device__ static int thread_column() {
    return static_cast<int>(threadIdx.x) % Shape::thread_columns;
  }

  /// Multiplies over the part's k. `shared` has shared_floats floats.
  ///   group_depth  k in a group of rows
  __device__ void accumulate(const Operand& a, const Operand& b, const ProductPart& part,
                             int group_depth, bool sum_a, float* shared) {
    int left_in_group = group_depth;
    for_each_stage<Shape::threads, Shape::depth, Shape::stages, TileA, TileB>(
        a, b, part, shared, [&](const float* tile_a, const float* tile_b) {
#pragma unroll(Shape::unrolled_steps)
          for (int k = 0; k < Shape::depth; k += depth_step) {
            multiply_depths(tile_a, tile_b, k, sum_a);
            if constexpr (grouped) {
              left_in_group -= depth_step;
              if (left_in_group > 0) continue;
              end_group();
              left_in_group = group_depth;
            }
          }
        });
    if constexpr (grouped) end_group();
  }

  /// Calls visit(row, column) for this thread's elements of the tile, one after the other.
  template <class Visit>
  __device__ static void visit_places(const Visit& visit) {
#pragma unroll 1
    for (int i = 0; i < square * square; ++i) {
      visit(ThreadA::extent_of(thread_row(), i / square),
            ThreadB::extent_of(thread_column(), i % square));
    }
  }

  /// Calls store(row, column, value) once for every element of the tile, and store_sum_of_a(row,
  /// value) for every row if sum_a.
  template <class Store, class StoreSumOfA>
  __device__ void finish(bool sum_a, const Store& store, const StoreSumOfA& store_sum_of_a) const {
#pragma unroll
    for (int i = 0; i < square; ++i) {
      const int row = ThreadA::extent_of(thread_row(), i);
#pragma unroll
      for (int j = 0; j < square; ++j) {
        store(row, ThreadB::extent_of(thread_column(), j), result(i, j));
      }
      if (sum_a && thread_column() == 0) {
        store_sum_of_a(row, grouped ? totals_of_a[i] : sums_of_a[i]);
      }
    }
  }

 private:
  __device__ float result(int i, int j) const {
    if constexpr (grouped) return totals[i][j];
    if constexpr (parts == 1) return sums[0][i][j];
    return (sums[0][i][j] + sums[1 % parts][i][j]) +
           (sums[2 % parts][i][j] + sums[3 % parts][i][j]);
  }

  /// The sums so far to the totals. An empty group adds nothing.
  __device__ void end_group() {
#pragma unroll
    for (int i = 0; i < square; ++i) {
#pragma unroll
      for (int j = 0; j < square; ++j) {
        totals[i][j] += sums[0][i][j];
        sums[0][i][j] = 0.0f;
      }
      totals_of_a[i] += sums_of_a[i];
      sums_of_a[i] = 0.0f;
    }
  }

  /// Adds depths k to k + 3. A's four depths stay in registers; of B one extent or one depth, as
  /// it lies in memory, is enough at a time.
  __device__ void multiply_depths(const float* tile_a, const float* tile_b, int k, bool sum_a) {
    float a[square][depth_step];
    ThreadA::read(tile_a, thread_row(), k, a);
    if constexpr (TileB::by_depth) {
#pragma unroll
      for (int j = 0; j < square; ++j) {
        float b[depth_step];
        ThreadB::read_depths(tile_b, thread_column(), j, k, b);
#pragma unroll
        for (int step = 0; step < depth_step; ++step) {
#pragma unroll
          for (int i = 0; i < square; ++i) add_product(step, i, j, a[i][step], b[step]);
        }
      }
    } else {
#pragma unroll
      for (int step = 0; step < depth_step; ++step) {
        float b[square];
        ThreadB::read_extents(tile_b, thread_column(), k + step, b);
#pragma unroll
        for (int i = 0; i < square; ++i) {
#pragma unroll
          for (int j = 0; j < square; ++j) add_product(step, i, j, a[i][step], b[j]);
        }
      }
    }
    if (!sum_a) return;
#pragma unroll
    for (int step = 0; step < depth_step; ++step) {
#pragma unroll
      for (int i = 0; i < square; ++i) sums_of_a[i] += a[i][step];
    }
  }

  __device__ void add_product(int step, int i, int j, float a, float b) {
    float& sum = sums[step % parts][i][j];
    sum = fmaf(a, b, sum);
  }
};

}  // namespace polyak::kernels
