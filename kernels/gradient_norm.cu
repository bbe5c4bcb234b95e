// scale = min(1, largest_norm / |gradient|) for every network of every agent (Pascanu et al. 2013,
// arXiv 1211.5063).
//
//   gradient [agents, networks, parameters]; scale [agents, networks] (gradient_norm.hpp).
//
// A block takes 4096 parameters of one network; grid (blocks, agents, networks). Thread t squares
// parameters t, t + 256, ... of them; the sums are in double and in a fixed order (reduction.cuh).
// The last block of a network to finish adds the blocks' sums from the first to the last. Bound by
// memory.
#include <algorithm>

#include "kernels/gradient_norm.hpp"
#include "kernels/launch.cuh"
#include "kernels/reduction.cuh"
#include "polyak/core/adam.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 256;
constexpr std::int64_t parameters_per_block = 4096;

__global__ void __launch_bounds__(threads) gradient_norm(const GradientNorm arguments) {
  const std::int64_t agent = blockIdx.y;
  const std::int64_t network = agent * arguments.networks + blockIdx.z;
  const float* const gradient = arguments.gradient + network * arguments.parameters;
  const std::int64_t first = blockIdx.x * parameters_per_block;
  const std::int64_t end = first + parameters_per_block < arguments.parameters
                               ? first + parameters_per_block
                               : arguments.parameters;
  double sum = 0.0;
  for (std::int64_t i = first + threadIdx.x; i < end; i += threads) {
    sum += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
  }
  sum = block_sum<threads>(sum);
  if (gridDim.x > 1) {
    double* const parts = arguments.parts + network * gridDim.x;
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
    if (!is_last_block(arguments.arrivals + network, gridDim.x)) return;
    if (threadIdx.x != 0) return;
    sum = parts[0];
    for (unsigned block = 1; block < gridDim.x; ++block) sum += parts[block];
  }
  if (threadIdx.x != 0) return;
  arguments.scale[network] = clipping_scale(sum, arguments.largest_norm[agent]);
}

}  // namespace

int gradient_norm_blocks(std::int64_t parameters) {
  return static_cast<int>(divide_up(std::max<std::int64_t>(parameters, 1), parameters_per_block));
}

cudaError_t launch_gradient_norm(const GradientNorm& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.networks == 0) return cudaSuccess;
  const dim3 grid(grid_size(gradient_norm_blocks(arguments.parameters)),
                  grid_size(arguments.agents), grid_size(arguments.networks));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, gradient_norm, arguments);
}

}  // namespace polyak::kernels
