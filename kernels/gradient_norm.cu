// |gradient| of every network of every agent, and scale = min(1, largest_norm / |gradient|)
// (Pascanu et al. 2013, arXiv 1211.5063).
//
//   gradient [agents, networks, parameters]; scale [agents, networks]; totals [agents]
//   (gradient_norm.hpp).
//
// A block takes 4096 parameters of one network; grid (blocks, agents, networks). Thread t squares
// parameters t, t + 256, ... of them; the sums are in double and in a fixed order (reduction.cuh).
// The last block of an agent to finish adds each network's sums from the first to the last, in its
// thread 0. Bound by memory.
#include <algorithm>

#include "kernels/gradient_norm.hpp"
#include "kernels/launch.cuh"
#include "kernels/reduction.cuh"
#include "polyak/core/adam.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 256;
constexpr std::int64_t parameters_per_block = 4096;

/// What follows from the parts of an agent's networks.
__device__ void finish_agent(const GradientNorm& arguments, std::int64_t agent) {
  double norms = 0.0;
  for (int i = 0; i < arguments.networks; ++i) {
    const std::int64_t network = agent * arguments.networks + i;
    const double* const parts = arguments.parts + network * gridDim.x;
    double sum = parts[0];
    for (unsigned block = 1; block < gridDim.x; ++block) sum += parts[block];
    norms += sqrt(sum);
    if (arguments.largest_norm == nullptr) continue;
    arguments.scale[network] = clipping_scale(sum, arguments.largest_norm[agent]);
  }
  UpdateTotals& totals = arguments.totals[agent];
  double& total =
      arguments.of_actor ? totals.actor_gradient_norm_sum : totals.critic_gradient_norm_sum;
  total += norms / arguments.networks;
}

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
  if (threadIdx.x == 0) arguments.parts[network * gridDim.x + blockIdx.x] = sum;
  if (!is_last_block(arguments.arrivals + agent, gridDim.x * gridDim.z)) return;
  if (threadIdx.x == 0) finish_agent(arguments, agent);
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
