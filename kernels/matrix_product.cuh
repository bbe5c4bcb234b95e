#pragma once

// The product of two matrices by one thread block, tile by tile: C[m, n] = sum over k of A[m, k]
// B[n, k]. The three products of a linear layer differ only in which index of A and B is contiguous
// in memory.
//
// A block computes a tile of C. Its threads form groups; a thread owns 4 x 4 elements of the tile
// and its group one part of every stretch of k, so a small product still occupies many warps. The
// groups' sums are added at the end in a fixed tree. A and B come through shared memory in stages,
// copied asynchronously while earlier stages are multiplied.
//
// Every element of C is summed in an order that depends on the shape chosen (SmallProduct or
// LargeProduct) and on nothing else.

#include "kernels/launch.cuh"

namespace polyak::kernels {

inline constexpr int thread_tile = 4;  // rows and columns of C per thread, and the k of one step

/// Which index of an operand is contiguous in memory.
enum class Contiguous { depth, extent };

/// A or B of one agent. Element (e, k), e being a row of C for A and a column of C for B, is
/// data[e * leading_dimension + k] if the depth is contiguous, else data[k * leading_dimension +
/// e].
struct Operand {
  const float* data;
  std::int64_t leading_dimension;
  int extent;
};

template <int ThreadRows, int ThreadColumns, int Groups, int Depth, int Stages>
struct ProductShape {
  static constexpr int thread_rows = ThreadRows;
  static constexpr int thread_columns = ThreadColumns;
  static constexpr int groups = Groups;
  static constexpr int depth = Depth;  // k per stage
  static constexpr int stages = Stages;
  static constexpr int rows = ThreadRows * thread_tile;  // of the block's tile of C
  static constexpr int columns = ThreadColumns * thread_tile;
  static constexpr int group_threads = ThreadRows * ThreadColumns;
  static constexpr int threads = group_threads * Groups;
  static constexpr int group_depth = Depth / Groups;
  static_assert(Depth % (Groups * thread_tile) == 0);
};
/// For a latency-bound product: many small tiles, and four groups that share the depth.
using SmallProduct = ProductShape<8, 8, 4, 32, 4>;
/// For a product with enough tiles to fill the device.
using LargeProduct = ProductShape<16, 16, 1, 16, 3>;

/// Whether a product of this size is better done in large tiles. The sums' order depends on the
/// answer, so it must not look at the number of agents.
constexpr bool prefers_large_tiles(std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t tiles_that_fill_a_device = 128;
  return divide_up(rows, LargeProduct::rows) * divide_up(columns, LargeProduct::columns) >=
         tiles_that_fill_a_device;
}

/// One stage of an operand in shared memory.
template <Contiguous contiguous, int Extent, int Depth>
struct OperandTile {
  static constexpr bool by_depth = contiguous == Contiguous::depth;
  static constexpr int inner = by_depth ? Depth : Extent;
  static constexpr int outer = by_depth ? Extent : Depth;
  // Rows along the depth are 4 floats longer: eight threads that read 16 bytes each from different
  // rows then use all 32 banks.
  static constexpr int pitch = by_depth ? inner + 4 : inner;
  static constexpr int floats = outer * pitch;
  static constexpr int threads_along = Extent / thread_tile;

  /// Begins to copy extents [first_extent, + Extent) and depths [first_depth, + Depth); zeros stand
  /// for what is beyond the operand's extent or beyond `depth_end`.
  template <int Threads>
  __device__ static void begin_copy(float* shared, const Operand& operand, int first_extent,
                                    int first_depth, int depth_end) {
    constexpr int chunks_per_row = inner / 4;
    const int inner_first = by_depth ? first_depth : first_extent;
    const int outer_first = by_depth ? first_extent : first_depth;
    const int inner_end = by_depth ? depth_end : operand.extent;
    const int outer_end = by_depth ? operand.extent : depth_end;
    for (int chunk = static_cast<int>(threadIdx.x); chunk < outer * chunks_per_row;
         chunk += Threads) {
      const int outer_local = chunk / chunks_per_row;
      const int inner_local = chunk % chunks_per_row * 4;
      copy_chunk(shared + outer_local * pitch + inner_local, operand, outer_first + outer_local,
                 inner_first + inner_local, outer_end, inner_end);
    }
  }

  /// The thread's 4 extents at depths k to k + 3 of the stage: values[extent][depth].
  __device__ static void read(const float* shared, int thread, int k,
                              float (&values)[thread_tile][thread_tile]) {
    for (int i = 0; i < thread_tile; ++i) {
      const int offset =
          by_depth ? extent_of(thread, i) * pitch + k : (k + i) * pitch + thread * thread_tile;
      const float4 four = *reinterpret_cast<const float4*>(shared + offset);
      const float array[4] = {four.x, four.y, four.z, four.w};
      for (int j = 0; j < thread_tile; ++j) (by_depth ? values[i][j] : values[j][i]) = array[j];
    }
  }

  /// Which extent of the tile is number i of a thread's four.
  __device__ static int extent_of(int thread, int i) {
    return by_depth ? thread + i * threads_along : thread * thread_tile + i;
  }

 private:
  /// Four floats along the contiguous index: at once where they are aligned and all there.
  __device__ static void copy_chunk(float* shared, const Operand& operand, int outer_index,
                                    int inner_index, int outer_end, int inner_end) {
    const float* const source =
        operand.data + outer_index * operand.leading_dimension + inner_index;
    const bool aligned = reinterpret_cast<std::uintptr_t>(source) % 16 == 0;
    if (aligned && outer_index < outer_end && inner_index + 4 <= inner_end) {
      begin_async_copy<16>(shared, source);
      return;
    }
    for (int i = 0; i < 4; ++i) {
      const bool in_range = outer_index < outer_end && inner_index + i < inner_end;
      begin_async_copy<4>(shared + i, in_range ? source + i : operand.data, in_range);
    }
  }
};

/// One thread block's product. Thread t of the block belongs to group t / group_threads and stands
/// at row t / thread_columns, column t % thread_columns of its group.
template <class Shape, Contiguous contiguous_a, Contiguous contiguous_b>
struct BlockProduct {
  using TileA = OperandTile<contiguous_a, Shape::rows, Shape::depth>;
  using TileB = OperandTile<contiguous_b, Shape::columns, Shape::depth>;
  static constexpr int stage_floats = TileA::floats + TileB::floats;
  static constexpr int shared_floats = Shape::stages * stage_floats;
  static constexpr int sum_pitch = Shape::columns + 1;  // of the groups' sums: one for A's own
  static_assert(Shape::groups * Shape::rows * sum_pitch <= shared_floats || Shape::groups == 1);
  static_assert(shared_floats * sizeof(float) <= 48 * 1024);

  float sums[thread_tile][thread_tile] = {};  // of A B^T
  float sums_of_a[thread_tile] = {};          // of A over k, where asked for

  __device__ static int group() { return static_cast<int>(threadIdx.x) / Shape::group_threads; }
  __device__ static int thread_row() {
    return static_cast<int>(threadIdx.x) % Shape::group_threads / Shape::thread_columns;
  }
  __device__ static int thread_column() {
    return static_cast<int>(threadIdx.x) % Shape::thread_columns;
  }

  /// Multiplies over k in [depth_begin, depth_end). `shared` has shared_floats floats.
  __device__ void accumulate(const Operand& a, const Operand& b, int first_row, int first_column,
                             int depth_begin, int depth_end, bool sum_a, float* shared) {
    const int steps = (depth_end - depth_begin + Shape::depth - 1) / Shape::depth;
    const auto begin_stage = [&](int step) {
      if (step < steps) {
        float* const stage = shared + step % Shape::stages * stage_floats;
        const int depth = depth_begin + step * Shape::depth;
        TileA::template begin_copy<Shape::threads>(stage, a, first_row, depth, depth_end);
        TileB::template begin_copy<Shape::threads>(stage + TileA::floats, b, first_column, depth,
                                                   depth_end);
      }
      commit_async_copies();  // an empty group too: the waiting counts groups
    };
    for (int step = 0; step < Shape::stages - 1; ++step) begin_stage(step);
    for (int step = 0; step < steps; ++step) {
      wait_for_async_copies<Shape::stages - 2>();
      __syncthreads();  // the stage is there for everybody, and nobody reads the one before it
      begin_stage(step + Shape::stages - 1);
      multiply_stage(shared + step % Shape::stages * stage_floats, sum_a);
    }
    wait_for_async_copies();
    __syncthreads();  // shared memory is free again
  }

  /// Adds up the groups and calls store(row, column, value) once for every element of the tile, and
  /// store_sum_of_a(row, value) for every row if sum_a. `shared` as before.
  template <class Store, class StoreSumOfA>
  __device__ void finish(bool sum_a, float* shared, const Store& store,
                         const StoreSumOfA& store_sum_of_a) const {
    if constexpr (Shape::groups == 1) {
#pragma unroll
      for (int i = 0; i < thread_tile; ++i) {
        const int row = TileA::extent_of(thread_row(), i);
#pragma unroll
        for (int j = 0; j < thread_tile; ++j) {
          store(row, TileB::extent_of(thread_column(), j), sums[i][j]);
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
  __device__ void multiply_stage(const float* stage, bool sum_a) {
    const int first = group() * Shape::group_depth;
#pragma unroll
    for (int k = first; k < first + Shape::group_depth; k += thread_tile) {
      float a[thread_tile][thread_tile], b[thread_tile][thread_tile];
      TileA::read(stage, thread_row(), k, a);
      TileB::read(stage + TileA::floats, thread_column(), k, b);
      for (int step = 0; step < thread_tile; ++step) {
        for (int i = 0; i < thread_tile; ++i) {
          for (int j = 0; j < thread_tile; ++j) {
            sums[i][j] = fmaf(a[i][step], b[j][step], sums[i][j]);
          }
          if (sum_a) sums_of_a[i] += a[i][step];
        }
      }
    }
  }

  __device__ void write_group_sums(float* shared) const {
    float* const mine = shared + group() * Shape::rows * sum_pitch;
    for (int i = 0; i < thread_tile; ++i) {
      const int row = TileA::extent_of(thread_row(), i);
      for (int j = 0; j < thread_tile; ++j) {
        mine[row * sum_pitch + TileB::extent_of(thread_column(), j)] = sums[i][j];
      }
      if (thread_column() == 0) mine[row * sum_pitch + Shape::columns] = sums_of_a[i];
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
