#pragma once

// Sums in float32 over the rows of a batch for 32 columns, a warp's neighbouring addresses, by a
// block that has a thread for each column and each group of rows (polyak/core/summation.hpp).

#include "kernels/portability.cuh"
#include "polyak/core/summation.hpp"

namespace polyak::kernels {

inline constexpr int batch_sum_columns = 32;
inline constexpr int batch_sum_threads = batch_sum_columns * max_row_groups;

/// A block's columns follow each other along grid.x.
__device__ inline int column_of_batch_sum() {
  return static_cast<int>(blockIdx.x) * batch_sum_columns +
         static_cast<int>(threadIdx.x) % batch_sum_columns;
}
__device__ inline int group_of_batch_sum() {
  return static_cast<int>(threadIdx.x) / batch_sum_columns;
}

/// The sum over the rows of value(row) of this thread's column, to every thread of the column, in
/// the order of sum_over_rows(). All threads of the block call it; those beyond the columns with no
/// rows. Ends with a barrier.
template <class Value>
__device__ float block_sum_over_rows(const RowOrder& order, const Value& value) {
  POLYAK_SHARED(float, sums, [max_row_groups][batch_sum_columns]);
  const int group = group_of_batch_sum();
  const int lane = static_cast<int>(threadIdx.x) % batch_sum_columns;
  const int first = group * order.group_places();
  const int end = min(first + order.group_places(), order.places());
  float sum = 0.0f;
  for (int place = first; place < end; ++place) {
    if (const int row = order.row(place); row >= 0) sum += value(row);
  }
  sums[group][lane] = sum;
  __syncthreads();
  float total = 0.0f;
  for (int i = 0; i < max_row_groups; ++i) total += sums[i][lane];
  __syncthreads();
  return total;
}

}  // namespace polyak::kernels
