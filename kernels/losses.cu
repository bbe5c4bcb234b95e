// The losses of DDPG (Lillicrap et al. 2015, arXiv 1509.02971, algorithm 1): the critic's mean
// (Q - y)^2 and the actor's -mean Q, and their gradients with respect to Q. Of sequences the mean
// is over the steps that something is learnt from.
//
//   Q, gradient [agents, critics, batch]; y, weight [agents, batch]; totals [agents] (losses.hpp).
//
// A block takes 4096 rows of one agent's batch; grid (blocks, agents). Thread t handles rows t,
// t + 256, ... of them; the sums are in double and in a fixed order (reduction.cuh). The last block
// of an agent to finish adds the blocks' sums from the first to the last, and its thread 0 adds the
// loss to the agent's totals. Bound by latency.
#include <algorithm>
#include <cmath>

#include "kernels/launch.cuh"
#include "kernels/losses.hpp"
#include "kernels/reduction.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = 256, rows_per_block = 4096;

/// Whether a row of the batch has a say.
__device__ bool counts(const float* weight, std::int64_t at) {
  return weight == nullptr || weight[at] != 0.0f;
}

/// How many rows a mean is over.
__device__ int counted_rows(const std::int32_t* weighted_rows, std::int64_t agent, int batch) {
  return weighted_rows == nullptr ? batch : max(1, weighted_rows[agent]);
}

/// The sum of value(row) over an agent's batch by `rows`, to thread 0 of one of the agent's blocks,
/// which gets true. The others get false.
template <class Value>
__device__ bool mean_over_batch(int batch, int rows, const LossScratch& scratch, const Value& value,
                                double& mean) {
  const std::int64_t agent = blockIdx.y;
  const int first = static_cast<int>(blockIdx.x) * rows_per_block;
  const int end = min(first + rows_per_block, batch);
  double sum = 0.0;
  for (int row = first + static_cast<int>(threadIdx.x); row < end; row += threads) {
    sum += value(row);
  }
  sum = block_sum<threads>(sum);
  if (gridDim.x > 1) {
    double* const parts = scratch.parts + agent * gridDim.x;
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
    if (!is_last_block(scratch.arrivals + agent, gridDim.x)) return false;
    sum = parts[0];
    for (unsigned block = 1; block < gridDim.x; ++block) sum += parts[block];
  }
  mean = sum / static_cast<double>(rows);
  return threadIdx.x == 0;
}

__device__ void note_if_not_finite(double loss, LossQuantity quantity, std::int64_t update,
                                   UpdateTotals& totals) {
  if (std::isfinite(loss) || totals.non_finite_quantity != LossQuantity::none) return;
  totals.non_finite_quantity = quantity;
  totals.non_finite_update = update + 1;
}

__global__ void __launch_bounds__(threads) critic_loss(const CriticLoss arguments) {
  const std::int64_t agent = blockIdx.y;
  const int rows = counted_rows(arguments.weighted_rows, agent, arguments.batch);
  const float scale = 2.0f / static_cast<float>(rows);
  const auto squared_error = [&](int row) {
    const float target = arguments.target[agent * arguments.batch + row];
    const bool has_say = counts(arguments.weight, agent * arguments.batch + row);
    double sum = 0.0;
#pragma unroll 1  // one or two critics: more copies of the loop would only spill registers
    for (int critic = 0; critic < arguments.critics; ++critic) {
      const std::int64_t at = (agent * arguments.critics + critic) * arguments.batch + row;
      const float error = has_say ? arguments.value[at] - target : 0.0f;
      arguments.value_gradient[at] = scale * error;
      sum += static_cast<double>(error) * static_cast<double>(error);
    }
    return sum;
  };
  double loss;
  if (!mean_over_batch(arguments.batch, rows, arguments.scratch, squared_error, loss)) return;
  if (agent == 0 && arguments.count != nullptr) *arguments.count = *arguments.updates + 1;
  loss /= arguments.critics;
  UpdateTotals& totals = arguments.totals[agent];
  totals.critic_loss_sum += loss;
  ++totals.critic_updates;
  note_if_not_finite(loss, LossQuantity::critic_loss, *arguments.updates, totals);
}

__global__ void __launch_bounds__(threads) actor_loss(const ActorLoss arguments) {
  const std::int64_t agent = blockIdx.y;
  const int rows = counted_rows(arguments.weighted_rows, agent, arguments.batch);
  const float gradient = -1.0f / static_cast<float>(rows);
  const auto value = [&](int row) {
    const std::int64_t at = agent * arguments.batch + row;
    const bool has_say = counts(arguments.weight, at);
    if (arguments.value_gradient != nullptr) {
      arguments.value_gradient[at] = has_say ? gradient : 0.0f;
    }
    return has_say ? static_cast<double>(arguments.value[at]) : 0.0;
  };
  double mean;
  if (!mean_over_batch(arguments.batch, rows, arguments.scratch, value, mean)) return;
  UpdateTotals& totals = arguments.totals[agent];
  totals.actor_loss_sum -= mean;
  ++totals.actor_updates;
  note_if_not_finite(mean, LossQuantity::actor_loss, *arguments.updates, totals);
}

cudaLaunchConfig_t loss_launch_config(int agents, int batch, cudaStream_t stream) {
  const dim3 grid(grid_size(loss_blocks(batch)), grid_size(agents));
  return launch_config(grid, threads, stream);
}

}  // namespace

int loss_blocks(int batch) {
  return static_cast<int>(divide_up(std::max(batch, 1), rows_per_block));
}

cudaError_t launch_critic_loss(const CriticLoss& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.batch == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = loss_launch_config(arguments.agents, arguments.batch, stream);
  return cudaLaunchKernelEx(&config, critic_loss, arguments);
}

cudaError_t launch_actor_loss(const ActorLoss& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.batch == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = loss_launch_config(arguments.agents, arguments.batch, stream);
  return cudaLaunchKernelEx(&config, actor_loss, arguments);
}

}  // namespace polyak::kernels
