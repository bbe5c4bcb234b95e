#pragma once

// The product of two matrices by one thread block in fp32: C[m, n] = sum over k of A[m, k] B[n, k].
// The three products of a linear layer differ only in which index of A and B is contiguous.
//
// A block computes a tile of C. Its threads form groups; a thread owns a square of the tile and its
// group one part of every stretch of k, so a small product still occupies many warps. The groups'
// sums are added at the end in a fixed tree.
//
// Every element of C is summed in an order that depends on the shape's number of groups and on
// nothing else: medium, large and narrow tiles give the same bits.

#include "kernels/operand_tile.cuh"

namespace polyak::kernels {

template <class Shape, Contiguous contiguous_a, Contiguous contiguous_b>
struct Fp32Product;

inline constexpr int depth_step = 4;  // k that a thread reads from shared memory at once

template <int ThreadRows, int ThreadColumns, int Square, int Groups, int Depth, int Stages,
          int BlocksPerMultiprocessor>
struct Fp32Shape {
  static constexpr int thread_rows = ThreadRows;
  static constexpr int thread_columns = ThreadColumns;
  static constexpr int square = Square;  // rows and columns of C per thread
  static constexpr int groups = Groups;
  static constexpr int depth = Depth;  // k per stage
  static constexpr int stages = Stages;
  static constexpr int rows = ThreadRows * Square;  // of the block's tile of C
  static constexpr int columns = ThreadColumns * Square;
  static constexpr int group_threads = ThreadRows * ThreadColumns;
  static constexpr int threads = group_threads * Groups;
  static constexpr int group_depth = Depth / Groups;
  static constexpr int blocks_per_multiprocessor = BlocksPerMultiprocessor;
  // A large square fills the multipliers by itself; unrolled, it would not fit the registers.
  static constexpr int unrolled_steps = Square == 4 ? group_depth / depth_step : 1;
  static_assert(Depth % (Groups * depth_step) == 0 && Square % 4 == 0);

  template <Contiguous contiguous_a, Contiguous contiguous_b>
  using Product = Fp32Product<Fp32Shape, contiguous_a, contiguous_b>;
};
/// For a latency-bound product: many small tiles, and four groups that share the depth.
using Fp32Small = Fp32Shape<8, 8, 4, 4, 32, 4, 1>;
/// For a product with enough tiles to fill the device.
using Fp32Medium = Fp32Shape<16, 16, 4, 1, 16, 3, 2>;
/// For one with plenty: 64 multiply-adds for 16 floats from shared memory, which keeps the
/// multipliers, not shared memory, at the limit. 128 registers per thread let two blocks share a
/// multiprocessor.
using Fp32Large = Fp32Shape<16, 16, 8, 1, 16, 2, 2>;

/// For a product with a column or a few, as the last layer of a critic: bound by reading A.
using Fp32Narrow = Fp32Shape<64, 1, 4, 1, 16, 2, 1>;

/// A thread's view of one operand: `Square` extents, four depths at a time.
template <class Tile, int ThreadsAlong, int Square>
struct ThreadOperand {
  /// Which extent of the tile is number i of a thread's.
  __device__ static int extent_of(int thread, int i) {
    return Tile::by_depth ? thread + i * ThreadsAlong
                          : i / 4 * (4 * ThreadsAlong) + thread * 4 + i % 4;
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

  /// All extents at depth k, in runs of four that are contiguous.
  __device__ static void read_extents(const float* tile, int thread, int k,
                                      float (&values)[Square]) {
#pragma unroll
    for (int i = 0; i < Square; i += 4) {
      const float4 four =
          *reinterpret_cast<const float4*>(tile + Tile::place(extent_of(thread, i), k));
      values[i] = four.x, values[i + 1] = four.y, values[i + 2] = four.z, values[i + 3] = four.w;
    }
  }
};

/// One thread block's product. Thread t of the block belongs to group t / group_threads and stands
/// at row t / thread_columns, column t % thread_columns of its group.
template <class Shape, Contiguous contiguous_a, Contiguous contiguous_b>
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
  static constexpr int sum_pitch = Shape::columns + 1;  // of the groups' sums: one for A's own
  static_assert(Shape::groups * Shape::rows * sum_pitch <= shared_floats || Shape::groups == 1);
  static_assert(shared_floats * sizeof(float) <= 48 * 1024);

  float sums[square][square] = {};  // of A B^T
  float sums_of_a[square] = {};     // of A over k, where asked for

  __device__ static int group() { return static_cast<int>(threadIdx.x) / Shape::group_threads; }
  __device__ static int thread_row() {
    return static_cast<int>(threadIdx.x) % Shape::group_threads / Shape::thread_columns;
  }
  __device__ static int thread_column() {
    return static_cast<int>(threadIdx.x) % Shape::thread_columns;
  }

  /// Multiplies over the part's k. `shared` has shared_floats floats.
  __device__ void accumulate(const Operand& a, const Operand& b, const ProductPart& part,
                             bool sum_a, float* shared) {
    for_each_stage<Shape::threads, Shape::depth, Shape::stages, TileA, TileB>(
        a, b, part, shared, [&](const float* tile_a, const float* tile_b) {
          const int first = group() * Shape::group_depth;
#pragma unroll(Shape::unrolled_steps)
          for (int k = first; k < first + Shape::group_depth; k += depth_step) {
            multiply_depths(tile_a, tile_b, k, sum_a);
          }
        });
  }

  /// Adds up the groups and calls store(row, column, value) once for every element of the tile, and
  /// store_sum_of_a(row, value) for every row if sum_a. `shared` as before.
  template <class Store, class StoreSumOfA>
  __device__ void finish(bool sum_a, float* shared, const Store& store,
                         const StoreSumOfA& store_sum_of_a) const {
    if constexpr (Shape::groups == 1) {
#pragma unroll
      for (int i = 0; i < square; ++i) {
        const int row = ThreadA::extent_of(thread_row(), i);
#pragma unroll
        for (int j = 0; j < square; ++j) {
          store(row, ThreadB::extent_of(thread_column(), j), sums[i][j]);
        }
        if (sum_a && thread_column() == 0) store_sum_of_a(row, sums_of_a[i]);
      }
    } else {
      write_group_sums(shared);
      __syncthreads();
      const int thread = static_cast<int>(threadIdx.x);
      for (int at = thread; at < Shape::rows * Shape::columns; at += Shape::threads) {
        const int row = at / Shape::columns, column = at % Shape::columns;
        store(row, column, sum_over_groups(shared, row * sum_pitch + column));
      }
      if (sum_a && thread < Shape::rows) {
        store_sum_of_a(thread, sum_over_groups(shared, thread * sum_pitch + Shape::columns));
      }
    }
  }

 private:
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
          for (int i = 0; i < square; ++i) sums[i][j] = fmaf(a[i][step], b[step], sums[i][j]);
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
          for (int j = 0; j < square; ++j) sums[i][j] = fmaf(a[i][step], b[j], sums[i][j]);
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

  __device__ void write_group_sums(float* shared) const {
    float* const group_sums = shared + group() * Shape::rows * sum_pitch;
    for (int i = 0; i < square; ++i) {
      const int row = ThreadA::extent_of(thread_row(), i);
      for (int j = 0; j < square; ++j) {
        group_sums[row * sum_pitch + ThreadB::extent_of(thread_column(), j)] = sums[i][j];
      }
      if (thread_column() == 0) group_sums[row * sum_pitch + Shape::columns] = sums_of_a[i];
    }
  }

  __device__ static float sum_over_groups(const float* shared, int at) {
    static_assert(Shape::groups == 1 || Shape::groups == 4);
    constexpr int group_floats = Shape::rows * sum_pitch;
    return (shared[at] + shared[at + group_floats]) +
           (shared[at + 2 * group_floats] + shared[at + 3 * group_floats]);
  }
};

}  // namespace polyak::kernels
