// Philox 4x32-10 on the counters of polyak/core/philox.hpp (Salmon et al., SC 2011).
//
//   seeds [agents], bits [agents, indices] (random_bits.hpp).
//
// One thread per index; grid (indices, agents). Bound by memory.
#include "kernels/launch.cuh"
#include "kernels/random.cuh"
#include "kernels/random_bits.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 128;

__global__ void __launch_bounds__(threads) random_bits(const RandomBitsTable table) {
  wait_for_previous_kernel();
  const std::int64_t index = global_thread();
  if (index >= table.indices) return;
  const std::int64_t agent = blockIdx.y;
  const CurandRandom random{table.seed[agent]};
  table.bits[agent * table.indices + index] =
      random(static_cast<std::uint32_t>(index), table.step, table.purpose, table.draw);
}

}  // namespace

cudaError_t launch_random_bits(const RandomBitsTable& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.indices == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(arguments.indices, threads)), grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, random_bits, arguments);
}

}  // namespace polyak::kernels
