// |gradient| of every network of every agent, and scale = min(1, largest_norm / |gradient|)
// (Pascanu et al. 2013, arXiv 1211.5063).
//
//   gradient [agents, networks, parameters]; scale [agents, networks]; totals [agents]
//   (gradient_norm.hpp).
//
// A warp squares and sums one tile of 16 x 8 parameters (gradient_tile.cuh), a block eight; grid
// (blocks, agents, networks). The first warp of the last block of an agent to finish adds each
// network's tiles. All sums are in double and in the order of polyak/core/summation.hpp. Bound by
// memory.
#include "kernels/gradient_norm.hpp"
#include "kernels/gradient_tile.cuh"
#include "kernels/launch.cuh"
#include "polyak/core/adam.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 256, tiles_per_block = threads / 32;

/// This lane's elements of a tile.
__device__ double squares_of(const GradientMatrix& matrix, const float* gradient,
                             std::int64_t tile) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const std::int64_t across = TileOrder::tiles_across(matrix.columns);
  const std::int64_t row = tile / across * TileOrder::tile_rows + lane / 4;
  const std::int64_t column = tile % across * TileOrder::tile_columns + lane % 4 * 2;
  float elements[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const std::int64_t r = row + i / 2 * 8, c = column + i % 2;
    const bool exists = r < matrix.rows && c < matrix.columns;
    elements[i] = exists ? gradient[matrix.offset + r * matrix.columns + c] : 0.0f;
  }
  return squares_of_tile(elements);
}

/// What follows from the sums of an agent's tiles; by one warp.
__device__ void finish_agent(const GradientNorm& arguments, std::int64_t agent) {
  double norms = 0.0;
  for (int i = 0; i < arguments.networks; ++i) {
    const std::int64_t network = agent * arguments.networks + i;
    const double sum =
        sum_over_tiles(arguments.tile_sums + network * arguments.tiles, arguments.tiles);
    norms += sqrt(sum);
    if (arguments.largest_norm == nullptr || threadIdx.x != 0) continue;
    arguments.scale[network] = clipping_scale(sum, arguments.largest_norm[agent]);
  }
  if (threadIdx.x != 0) return;
  UpdateTotals& totals = arguments.totals[agent];
  double& total =
      arguments.of_actor ? totals.actor_gradient_norm_sum : totals.critic_gradient_norm_sum;
  total += norms / arguments.networks;
}

__global__ void __launch_bounds__(threads) gradient_norm(const GradientNorm arguments) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.y;
  const std::int64_t network = agent * arguments.networks + blockIdx.z;
  const std::int64_t tile =
      static_cast<std::int64_t>(blockIdx.x) * tiles_per_block + threadIdx.x / 32;
  if (tile < arguments.tiles) {
    int number = 0;
    while (number + 1 < arguments.matrix_count &&
           tile >= arguments.matrices[number + 1].first_tile) {
      ++number;
    }
    const GradientMatrix& matrix = arguments.matrices[number];
    const double sum = squares_of(matrix, arguments.gradient + network * arguments.parameters,
                                  tile - matrix.first_tile);
    if (threadIdx.x % 32 == 0) arguments.tile_sums[network * arguments.tiles + tile] = sum;
  }
  if (!is_last_block(arguments.arrivals + agent, gridDim.x * gridDim.z)) return;
  if (threadIdx.x < 32) finish_agent(arguments, agent);
}

}  // namespace

cudaError_t launch_gradient_norm(const GradientNorm& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.networks == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(arguments.tiles, tiles_per_block)),
                  grid_size(arguments.agents), grid_size(arguments.networks));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, gradient_norm, arguments);
}

}  // namespace polyak::kernels
