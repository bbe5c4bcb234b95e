// array[to, :] = array[from, :] for every pair of agents (agent_copies.hpp).
//
//   pairs [count], array [agents, words] of 32 bits each.
//
// Grid (chunks, pairs); thread t of a block copies words t, t + 256, ... of its chunk. Bound by
// memory.
#include "kernels/agent_copies.hpp"
#include "kernels/launch.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = 256;
constexpr std::int64_t chunk = 16 * threads;

__global__ void __launch_bounds__(threads) copy_agents(const CopyAgents arguments) {
  wait_for_previous_kernel();
  const CopyAgents::Pair pair = arguments.pairs[blockIdx.y];
  const std::uint32_t* const from = arguments.array + pair.from * arguments.words;
  std::uint32_t* const to = arguments.array + pair.to * arguments.words;
  const std::int64_t begin = blockIdx.x * chunk;
  const std::int64_t end = begin + chunk < arguments.words ? begin + chunk : arguments.words;
  for (std::int64_t i = begin + threadIdx.x; i < end; i += threads) to[i] = from[i];
}

}  // namespace

cudaError_t launch_copy_agents(const CopyAgents& arguments, cudaStream_t stream) {
  if (arguments.count == 0 || arguments.words == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(arguments.words, chunk)), grid_size(arguments.count));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, copy_agents, arguments);
}

}  // namespace polyak::kernels
