#pragma once

// The squares of a tile of a gradient, summed by a warp in the order of TileOrder
// (polyak/core/summation.hpp).

#include "kernels/reduction.cuh"

namespace polyak::kernels {

/// Adds the values of lanes that differ in `distances`, a bit mask, from the highest bit down.
__device__ inline double butterfly(double value, int distances) {
  for (int distance = 16; distance > 0; distance /= 2) {
    if ((distances & distance) != 0) value += __shfl_xor_sync(0xffffffffu, value, distance);
  }
  return value;
}

/// Of a tile of weights, to every lane. Lane l has, as tensor cores' accumulators have them, the
/// elements of rows l / 4 and l / 4 + 8 and columns 2 (l % 4) and the next: elements[0] and [1],
/// [2] and [3]. Those that are beyond the matrix are 0.
__device__ inline double squares_of_tile(const float (&elements)[4]) {
  double squares[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    squares[i] = static_cast<double>(elements[i]) * static_cast<double>(elements[i]);
  }
  // Over the rows: lanes 16, 8 and 4 apart are 4, 2 and 1 rows apart. Then over the columns.
  const double first = butterfly(squares[0] + squares[2], 16 + 8 + 4);
  const double second = butterfly(squares[1] + squares[3], 16 + 8 + 4);
  return butterfly(first, 2 + 1) + butterfly(second, 2 + 1);
}

/// Of a tile with one column, to lane 0: lane 2 r has row r.
__device__ inline double squares_of_column(float element) {
  return butterfly(static_cast<double>(element) * static_cast<double>(element), 16 + 8 + 4 + 2);
}

/// The sum over all tiles of sums[tile], to every lane of the warp that calls it.
__device__ inline double sum_over_tiles(const double* sums, std::int64_t tiles) {
  double sum = 0.0;
  for (std::int64_t tile = threadIdx.x % 32; tile < tiles; tile += TileOrder::tile_lanes) {
    sum += sums[tile];
  }
  return warp_sum(sum);
}

}  // namespace polyak::kernels
