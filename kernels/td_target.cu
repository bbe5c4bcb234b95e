// y = r + bootstrap_discount min over critics of Q'(o', a') (Lillicrap et al. 2015, arXiv
// 1509.02971, algorithm 1; Fujimoto et al. 2018, arXiv 1802.09477, algorithm 1), and before it the
// noise of a' = clip(actor'(o') + clip(noise)).
//
//   r, bootstrap_discount, y [agents, batch]; Q' [agents, critics, batch]; a' [batch, action_size]
//   (td_target.hpp).
//
// Both kernels: one thread per row of the batch; grid (rows, agents). Bound by the latency of the
// launch.
#include "kernels/agent_views.cuh"
#include "kernels/launch.cuh"
#include "kernels/random.cuh"
#include "kernels/td_target.hpp"
#include "polyak/core/losses.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 128;

__global__ void __launch_bounds__(threads) td_target(const TdTarget arguments) {
  wait_for_previous_kernel();
  const std::int64_t row = global_thread();
  if (row >= arguments.batch) return;
  const std::int64_t agent = blockIdx.y;
  const std::int64_t at = agent * arguments.batch + row;
  const float* const values = arguments.next_value + agent * arguments.critics * arguments.batch;
  const std::int64_t from = arguments.bootstrap_row == nullptr ? row : arguments.bootstrap_row[at];
  float next_value = values[from];
  for (int critic = 1; critic < arguments.critics; ++critic) {
    next_value = smaller_value(next_value, values[critic * std::int64_t{arguments.batch} + from]);
  }
  arguments.target[at] =
      polyak::td_target(arguments.reward[at], arguments.bootstrap_discount[at], next_value);
}

__global__ void __launch_bounds__(threads) smooth_actions(const SmoothActions arguments) {
  wait_for_previous_kernel();
  const std::int64_t row = global_thread();
  const std::int64_t agent = blockIdx.y;
  const float noise = arguments.noise[agent];
  if (row >= arguments.batch || noise == 0.0f) return;
  const CurandRandom random{arguments.seed[agent]};
  float* const action = row_of(arguments.action, agent, row);
  for (int i = 0; i < arguments.action_size; ++i) {
    const RandomBits bits =
        random(static_cast<std::uint32_t>(row), static_cast<std::uint64_t>(*arguments.updates),
               Purpose::target_noise, static_cast<std::uint32_t>(i / 4));
    action[i] =
        smooth_action(action[i], noise, arguments.noise_clip[agent], normal_from_bits(bits, i % 4));
  }
}

}  // namespace

cudaError_t launch_smooth_actions(const SmoothActions& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.batch == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(arguments.batch, threads)), grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, smooth_actions, arguments);
}

cudaError_t launch_td_target(const TdTarget& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.batch == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(arguments.batch, threads)), grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, td_target, arguments);
}

}  // namespace polyak::kernels
