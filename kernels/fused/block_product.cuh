#pragma once

// The product of two matrices by all warps of a block, and sums of products for a few outputs.

#include "kernels/fused/warp_product.cuh"

namespace polyak::kernels::fused {

__device__ POLYAK_INLINE int divide_up(int count, int size) { return (count + size - 1) / size; }
__device__ POLYAK_INLINE int warp_of_block() { return static_cast<int>(threadIdx.x) / 32; }
template <class Shape>
__device__ POLYAK_INLINE int warps_of_block() {
  return Shape::threads() / 32;
}

/// The warps that share a product: this one's number among so many.
struct Team {
  int warp, warps;
};
template <class Shape>
__device__ POLYAK_INLINE Team whole_block() {
  return {warp_of_block(), warps_of_block<Shape>()};
}

/// The team's warps take RowTiles x ColumnTiles tiles in turn.
template <class Shape, Precision precision, int RowTiles, int ColumnTiles, class A, class B,
          class Visit>
__device__ POLYAK_INLINE void block_product_in(const Team& team, const A& a, const B& b, int depth,
                                               const Visit& visit) {
  constexpr int rows = RowTiles * tile_rows, columns = ColumnTiles * tile_columns;
  const bool is_whole = a.extent % rows == 0 && b.extent % columns == 0;
  const int across = divide_up(b.extent, columns);
  const int count = divide_up(a.extent, rows) * across;
  for (int index = team.warp; index < count; index += team.warps) {
    const int first_row = index / across * rows, first_column = index % across * columns;
    WarpProduct<precision, RowTiles, ColumnTiles> product;
    product.template accumulate<Shape::unrolled_steps>(a, b, first_row, first_column, 0, depth);
    product.template visit_pairs<A>(first_row, first_column,
                                    [&](int row, int column, float first, float second) {
                                      if (is_whole || (row < a.extent && column < b.extent)) {
                                        visit(row, column, first, second);
                                      }
                                    });
  }
}

/// Tiles that the busiest of so many workers gets when each takes `row_tiles` x `column_tiles` at a
/// time.
__device__ POLYAK_INLINE int max_tiles(int rows, int columns, int row_tiles, int column_tiles,
                                       int workers) {
  const int pieces =
      divide_up(rows, row_tiles * tile_rows) * divide_up(columns, column_tiles * tile_columns);
  return divide_up(pieces, workers) * row_tiles * column_tiles;
}

/// Calls visit(row, column, C[row, column], C[row, column + 1]) once for every two neighbours of
/// C = A B^T; b.extent is even. All threads of the team call it; no barrier within. Larger pieces
/// read less for each product, smaller ones leave fewer warps idle; where no warp gets more with
/// large ones, twice as many by two rows leave the schedulers more evenly busy. (The general kernel
/// does without these, which would be more code.)
template <class Shape, Precision precision, class A, class B, class Visit>
__device__ POLYAK_INLINE void block_product(const A& a, const B& b, int depth, const Visit& visit,
                                            const Team& team = whole_block<Shape>()) {
  const int warps = warps_of_block<Shape>();
  const int with_one = max_tiles(a.extent, b.extent, 1, 1, warps);
  const int with_two = max_tiles(a.extent, b.extent, 1, 2, warps);
  const int with_four = max_tiles(a.extent, b.extent, 2, 2, warps);
  if constexpr (Shape::is_known) {
    constexpr int schedulers = 4;  // of a multiprocessor
    const bool is_uneven = max_tiles(a.extent, b.extent, 2, 1, schedulers) <
                           max_tiles(a.extent, b.extent, 2, 2, schedulers);
    if (with_four == with_one && with_one <= with_two && is_uneven) {
      return block_product_in<Shape, precision, 2, 1>(team, a, b, depth, visit);
    }
  }
  if (with_four <= min(with_one, with_two)) {
    block_product_in<Shape, precision, 2, 2>(team, a, b, depth, visit);
  } else if (with_two <= with_one) {
    block_product_in<Shape, precision, 1, 2>(team, a, b, depth, visit);
  } else {
    block_product_in<Shape, precision, 1, 1>(team, a, b, depth, visit);
  }
}

/// For up to thin_outputs outputs, always in fp32: visit(output, row, sum over k < depth of
/// weights[output * output_stride + k * depth_stride] * input[k * pitch + row]) for output <
/// outputs and row < rows, rows being a multiple of 8. Four lanes share a sum, each every fourth k.
/// No barrier within.
template <class Shape, class Visit>
__device__ POLYAK_INLINE void thin_product(const float* weights, int output_stride,
                                           int depth_stride, int outputs, const float* input,
                                           int pitch, int rows, int depth, const Visit& visit,
                                           const Team& team = whole_block<Shape>()) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int first = team.warp * 8; first < outputs * rows; first += team.warps * 8) {
    const int output = (first + lane / 4) / rows, row = (first + lane / 4) % rows;
    const float* const weight = weights + output * output_stride;
    const auto add = [&](float sum_before, int k) {
      return fmaf(weight[k * depth_stride], input[k * pitch + row], sum_before);
    };
    // So many for every lane, which the compiler may know; then one more for some.
    const int fours = depth / 4;
    float sum = 0.0f;
#pragma unroll Shape::unrolled_thin_steps
    for (int four = 0; four < fours; ++four) sum = add(sum, 4 * four + lane % 4);
    if (4 * fours + lane % 4 < depth) sum = add(sum, 4 * fours + lane % 4);
    sum += __shfl_xor_sync(0xffffffffu, sum, 1);
    sum += __shfl_xor_sync(0xffffffffu, sum, 2);
    if (lane % 4 == 0) visit(output, row, sum);
  }
}

}  // namespace polyak::kernels::fused
