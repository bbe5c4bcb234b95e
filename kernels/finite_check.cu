// found[agent] |= any value of the agent is NaN or infinite.
//
//   values [agents, count], found [agents] (finite_check.hpp).
//
// Grid (chunks, agents); thread t of a block looks at values t, t + 256, ... of its chunk, and the
// block's thread 0 writes if one was found. Blocks of one agent may write the same 1: in whatever
// order, the result is the same. Bound by memory.
#include <cmath>

#include "kernels/finite_check.hpp"
#include "kernels/launch.cuh"
#include "kernels/reduction.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = 256;
constexpr std::int64_t chunk = 16 * threads;

__global__ void __launch_bounds__(threads) find_non_finite(const FindNonFinite arguments) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.y;
  const std::int64_t begin = blockIdx.x * chunk;
  const std::int64_t end = begin + chunk < arguments.count ? begin + chunk : arguments.count;
  const float* const values = arguments.values + agent * arguments.count;
  int found = 0;
  for (std::int64_t i = begin + threadIdx.x; i < end; i += threads) {
    found += std::isfinite(values[i]) ? 0 : 1;
  }
  found = block_sum<threads>(found);
  if (threadIdx.x == 0 && found > 0) atomicOr(arguments.found + agent, 1);
}

}  // namespace

cudaError_t launch_find_non_finite(const FindNonFinite& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.count == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(arguments.count, chunk)), grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, find_non_finite, arguments);
}

}  // namespace polyak::kernels
