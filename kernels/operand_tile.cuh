#pragma once

// How a thread block brings the operands of a matrix product to shared memory, stage by stage:
// asynchronous copies of later stages run while earlier ones are multiplied.

#include "kernels/launch.cuh"
#include "polyak/core/summation.hpp"

namespace polyak::kernels {

/// Which index of an operand is contiguous in memory.
enum class Contiguous { depth, extent };

/// A or B of one agent in C[m, n] = sum over k of A[m, k] B[n, k]. Element (e, k), e being a row of
/// C for A and a column of C for B, is data[e * leading_dimension + k] if the depth is contiguous,
/// else data[r * leading_dimension + e], where r is k, or, if the depth is a batch of sequences,
/// the row at place k of their order in sums.
struct Operand {
  const float* data;
  std::int64_t leading_dimension;
  int extent;
  RowOrder rows{0, 1};

  /// The row at depth k; -1 beyond the sequences.
  __device__ int row(int k) const { return rows.steps == 1 ? k : rows.row(k); }
};

/// One stage of an operand in shared memory. `Padding` floats follow every contiguous run, so that
/// the threads of a warp read from different banks.
template <Contiguous contiguous, int Extent, int Depth, int Padding>
struct OperandTile {
  static constexpr bool by_depth = contiguous == Contiguous::depth;
  static constexpr int extent = Extent;
  static constexpr int inner = by_depth ? Depth : Extent;
  static constexpr int outer = by_depth ? Extent : Depth;
  static constexpr int pitch = inner + Padding;
  static constexpr int floats = outer * pitch;
  static_assert(inner % 4 == 0 && Padding % 4 == 0, "runs start at multiples of 16 bytes");

  /// Where element (extent, depth) of the stage is.
  __device__ static int place(int extent_local, int depth_local) {
    return by_depth ? extent_local * pitch + depth_local : depth_local * pitch + extent_local;
  }

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

 private:
  /// Four floats along the contiguous index: at once where they are aligned and all there.
  __device__ static void copy_chunk(float* shared, const Operand& operand, int outer_index,
                                    int inner_index, int outer_end, int inner_end) {
    const int line = by_depth || outer_index >= outer_end ? outer_index : operand.row(outer_index);
    const bool exists = outer_index < outer_end && line >= 0;
    const float* const source = operand.data + line * operand.leading_dimension + inner_index;
    const bool aligned = reinterpret_cast<std::uintptr_t>(source) % 16 == 0;
    if (aligned && exists && inner_index + 4 <= inner_end) {
      begin_async_copy<16>(shared, source);
      return;
    }
    for (int i = 0; i < 4; ++i) {
      const bool in_range = exists && inner_index + i < inner_end;
      begin_async_copy<4>(shared + i, in_range ? source + i : operand.data, in_range);
    }
  }
};

/// Which part of a product a block computes: the tile of C that starts at (first_row,
/// first_column), over k in [depth_begin, depth_end).
struct ProductPart {
  int first_row, first_column;
  int depth_begin, depth_end;
};

/// Brings the part's operands through `shared` (Stages times both tiles) and calls multiply(tile of
/// A, tile of B) for each stage in the order of k.
template <int Threads, int Depth, int Stages, class TileA, class TileB, class Multiply>
__device__ void for_each_stage(const Operand& a, const Operand& b, const ProductPart& part,
                               float* shared, const Multiply& multiply) {
  constexpr int stage_floats = TileA::floats + TileB::floats;
  const int steps = (part.depth_end - part.depth_begin + Depth - 1) / Depth;
  const auto begin_stage = [&](int step) {
    if (step < steps) {
      float* const stage = shared + step % Stages * stage_floats;
      const int depth = part.depth_begin + step * Depth;
      TileA::template begin_copy<Threads>(stage, a, part.first_row, depth, part.depth_end);
      TileB::template begin_copy<Threads>(stage + TileA::floats, b, part.first_column, depth,
                                          part.depth_end);
    }
    commit_async_copies();  // an empty group too: the waiting counts groups
  };
  for (int step = 0; step < Stages - 1; ++step) begin_stage(step);
  for (int step = 0; step < steps; ++step) {
    wait_for_async_copies<Stages - 2>();
    __syncthreads();  // the stage is there for everybody, and nobody reads the one before it
    begin_stage(step + Stages - 1);
    const float* const stage = shared + step % Stages * stage_floats;
    multiply(stage, stage + TileA::floats);
  }
  wait_for_async_copies();
  __syncthreads();  // shared memory is free again
}

}  // namespace polyak::kernels
