#pragma once

// Sums of the losses over a block's rows, and what an agent's blocks report of them.

#include "kernels/fused/block_product.cuh"
#include "kernels/reduction.cuh"

namespace polyak::kernels::fused {

/// Calls loss_of(row) for the block's real rows and sums what it returns by groups of loss_rows, in
/// a fixed tree: sums [rows / loss_rows], rows being a multiple of it. No barrier within.
template <class LossOf>
__device__ void sum_losses(int real_rows, int rows, double* sums, const LossOf& loss_of) {
  static_assert(loss_rows == 8);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int first = warp_of_block() * 32; first < rows; first += warps_of_block() * 32) {
    const int row = first + lane;
    double sum = row < real_rows ? loss_of(row) : 0.0;
    for (int distance = loss_rows / 2; distance > 0; distance /= 2) {
      sum += __shfl_xor_sync(0xffffffffu, sum, distance);
    }
    if (lane % loss_rows == 0 && row < rows) sums[row / loss_rows] = sum;
  }
}

/// The mean over the batch from the sums of all groups, from the first to the last.
__device__ inline double mean_loss(const double* sums, int groups, int batch) {
  double sum = 0.0;
  for (int group = 0; group < groups; ++group) sum += sums[group];
  return sum / static_cast<double>(batch);
}

/// The gradient's norm from the squares of all tiles, each lane those of tiles lane, lane + 32, ...
/// in order, then a tree: by one whole warp, to all its lanes.
__device__ inline double gradient_norm(const double* squares, int tiles) {
  double sum = 0.0;
  for (int tile = static_cast<int>(threadIdx.x) % 32; tile < tiles; tile += 32) {
    sum += squares[tile];
  }
  return sqrt(warp_sum(sum));
}

}  // namespace polyak::kernels::fused
