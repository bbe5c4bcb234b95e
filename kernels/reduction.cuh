#pragma once

// Sums and minima over a block and maxima over a warp, in a fixed order, and the last block of a
// grid.

#include <type_traits>

#include "kernels/portability.cuh"
#include "polyak/core/summation.hpp"

namespace polyak::kernels {

/// The sum of all threads' values, which are whole numbers, to thread 0; elsewhere the result is
/// not specified. All `Threads` threads of the block call it; a barrier must come before the next
/// call.
template <int Threads, class T>
__device__ T block_sum(T value) {
  static_assert(Threads % 32 == 0 && std::is_integral_v<T>);
  constexpr int warps = Threads / 32;
  POLYAK_SHARED(T, warp_sums, [warps]);
  for (unsigned distance = 16; distance > 0; distance /= 2) {
    value += __shfl_down_sync(0xffffffffu, value, distance);
  }
  if (threadIdx.x % 32 == 0) warp_sums[threadIdx.x / 32] = value;
  __syncthreads();
  T sum = warp_sums[0];
  for (int warp = 1; warp < warps; ++warp) sum += warp_sums[warp];
  return sum;
}

/// Threads of a block that makes sums in double over rows: one for each running sum.
inline constexpr int row_sum_threads = row_lanes * max_row_groups;

/// Calls visit(row) for the rows of this thread's running sum, in their order.
template <class Visit>
__device__ void visit_rows_of_sum(const RowOrder& order, const Visit& visit) {
  const int first = static_cast<int>(threadIdx.x) / row_lanes * order.group_places();
  const int end = min(first + order.group_places(), order.places());
  for (int place = first + static_cast<int>(threadIdx.x) % row_lanes; place < end;
       place += row_lanes) {
    if (const int row = order.row(place); row >= 0) visit(row);
  }
}

/// The sum of the running sums in the order of double_sum_over_rows(), to every thread. All
/// row_sum_threads threads of the block call it; a barrier must come before the next call.
__device__ inline double sum_of_row_sums(double running) {
  POLYAK_SHARED(double, group_sums, [max_row_groups]);
  for (int distance = row_lanes / 2; distance > 0; distance /= 2) {
    running += __shfl_xor_sync(0xffffffffu, running, distance);
  }
  if (threadIdx.x % row_lanes == 0) group_sums[threadIdx.x / row_lanes] = running;
  __syncthreads();
  double total = 0.0;
  for (int group = 0; group < max_row_groups; ++group) total += group_sums[group];
  return total;
}

/// The smallest of all threads' values, to thread 0; called as block_sum is.
template <int Threads, class T>
__device__ T block_min(T value) {
  static_assert(Threads % 32 == 0);
  constexpr int warps = Threads / 32;
  POLYAK_SHARED(T, warp_minima, [warps]);
  for (unsigned distance = 16; distance > 0; distance /= 2) {
    const T other = __shfl_down_sync(0xffffffffu, value, distance);
    value = other < value ? other : value;
  }
  if (threadIdx.x % 32 == 0) warp_minima[threadIdx.x / 32] = value;
  __syncthreads();
  T smallest = warp_minima[0];
  for (int warp = 1; warp < warps; ++warp) {
    smallest = warp_minima[warp] < smallest ? warp_minima[warp] : smallest;
  }
  return smallest;
}

/// The sum of the warp's 32 values, to every lane, always in the same order.
template <class T>
__device__ T warp_sum(T value) {
  for (int distance = 16; distance > 0; distance /= 2) {
    value += __shfl_xor_sync(0xffffffffu, value, distance);
  }
  return value;
}

/// The largest of the warp's 32 values, to every lane.
template <class T>
__device__ T warp_max(T value) {
  for (int distance = 16; distance > 0; distance /= 2) {
    const T other = __shfl_xor_sync(0xffffffffu, value, distance);
    value = value < other ? other : value;
  }
  return value;
}

/// Whether this is the last of `blocks` blocks to come here; then all that the others wrote before
/// is visible to it. All threads of each block call it. `arrivals` is zero before and after.
__device__ inline bool is_last_block(unsigned* arrivals, unsigned blocks) {
  POLYAK_SHARED(bool, last, );
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) last = atomicInc(arrivals, blocks - 1) == blocks - 1;
  __syncthreads();
  if (last) __threadfence();
  return last;
}

}  // namespace polyak::kernels
