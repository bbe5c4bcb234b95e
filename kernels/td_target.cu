// y = r + discount (1 - terminated) Q'(s', actor'(s')) (Lillicrap et al. 2015, arXiv 1509.02971,
// algorithm 1).
//
//   r, terminated, Q', y [agents, batch]; discount [agents] (td_target.hpp).
//
// One thread per row of the batch; grid (rows, agents). Bound by the latency of the launch.
#include "kernels/launch.cuh"
#include "kernels/td_target.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 128;

__global__ void __launch_bounds__(threads) td_target(const TdTarget arguments) {
  const std::int64_t row = global_thread();
  if (row >= arguments.batch) return;
  const std::int64_t agent = blockIdx.y;
  const std::int64_t at = agent * arguments.batch + row;
  const float reward = arguments.reward[at];
  arguments.target[at] = arguments.terminated[at] != 0
                             ? reward
                             : reward + arguments.discount[agent] * arguments.next_value[at];
}

}  // namespace

cudaError_t launch_td_target(const TdTarget& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.batch == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(arguments.batch, threads)), grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, td_target, arguments);
}

}  // namespace polyak::kernels
