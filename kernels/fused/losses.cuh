#pragma once

// What an agent's blocks report of an update.

#include "kernels/fused/block_product.cuh"
#include "kernels/gradient_tile.cuh"

namespace polyak::kernels::fused {

/// The mean of values [batch], in the order of double_sum_over_rows(): by one whole warp, to all
/// its lanes. Each half has every second group of rows, a lane one of the group's running sums.
__device__ inline double mean_over_batch(const double* values, int batch) {
  const RowOrder order{batch};
  const int lane = static_cast<int>(threadIdx.x) % 32, half = lane / row_lanes;
  double total = 0.0;
  // Groups that there are not add nothing: all are read at once.
#pragma unroll
  for (int group = 0; group < max_row_groups; group += 2) {
    const int first = (group + half) * order.group_places() + lane % row_lanes;
    double sum = 0.0;
    for (int place = 0; place < order.group_places(); place += row_lanes) {
      if (first + place < batch) sum += values[first + place];
    }
    sum = butterfly(sum, row_lanes - 1);
    total += __shfl_sync(0xffffffffu, sum, 0);
    total += __shfl_sync(0xffffffffu, sum, row_lanes);
  }
  return total / static_cast<double>(batch);
}

}  // namespace polyak::kernels::fused
