// The losses of DDPG (Lillicrap et al. 2015, arXiv 1509.02971, algorithm 1): the critic's mean
// (Q - y)^2 and the actor's -mean Q, with their gradients with respect to Q.
//
//   Q, y, gradients [agents, batch]; totals [agents] (losses.hpp).
//
// One block per agent; thread t handles rows t, t + 256, ...; the sums are in double and in a fixed
// order (reduction.cuh), and thread 0 adds them to the agent's totals. Bound by latency.
#include <cmath>

#include "kernels/launch.cuh"
#include "kernels/losses.hpp"
#include "kernels/reduction.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = 256;

__device__ void note_if_not_finite(double loss, LossQuantity quantity, std::int64_t update,
                                   UpdateTotals& totals) {
  if (std::isfinite(loss) || totals.non_finite_quantity != LossQuantity::none) return;
  totals.non_finite_quantity = quantity;
  totals.non_finite_update = update + 1;
}

__global__ void __launch_bounds__(threads) critic_loss(const CriticLoss arguments) {
  const std::int64_t agent = blockIdx.x;
  const std::int64_t first = agent * arguments.batch;
  const float scale = 2.0f / static_cast<float>(arguments.batch);
  double sum = 0.0;
  for (int row = static_cast<int>(threadIdx.x); row < arguments.batch; row += threads) {
    const float error = arguments.value[first + row] - arguments.target[first + row];
    arguments.value_gradient[first + row] = scale * error;
    sum += static_cast<double>(error) * static_cast<double>(error);
  }
  const double loss = block_sum<threads>(sum) / static_cast<double>(arguments.batch);
  if (threadIdx.x != 0) return;
  UpdateTotals& totals = arguments.totals[agent];
  totals.critic_loss_sum += loss;
  ++totals.critic_updates;
  note_if_not_finite(loss, LossQuantity::critic_loss, *arguments.updates, totals);
}

__global__ void __launch_bounds__(threads) actor_loss(const ActorLoss arguments) {
  const std::int64_t agent = blockIdx.x;
  const std::int64_t first = agent * arguments.batch;
  const float gradient = -1.0f / static_cast<float>(arguments.batch);
  double sum = 0.0;
  for (int row = static_cast<int>(threadIdx.x); row < arguments.batch; row += threads) {
    arguments.value_gradient[first + row] = gradient;
    sum += static_cast<double>(arguments.value[first + row]);
  }
  const double loss = -block_sum<threads>(sum) / static_cast<double>(arguments.batch);
  if (threadIdx.x != 0) return;
  UpdateTotals& totals = arguments.totals[agent];
  totals.actor_loss_sum += loss;
  ++totals.actor_updates;
  note_if_not_finite(loss, LossQuantity::actor_loss, *arguments.updates, totals);
}

}  // namespace

cudaError_t launch_critic_loss(const CriticLoss& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.batch == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = launch_config(grid_size(arguments.agents), threads, stream);
  return cudaLaunchKernelEx(&config, critic_loss, arguments);
}

cudaError_t launch_actor_loss(const ActorLoss& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.batch == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = launch_config(grid_size(arguments.agents), threads, stream);
  return cudaLaunchKernelEx(&config, actor_loss, arguments);
}

}  // namespace polyak::kernels
