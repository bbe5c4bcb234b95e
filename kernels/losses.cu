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

#include "kernels/launch.cuh"
#include "kernels/losses.hpp"
#include "kernels/reduction.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = 256, rows_per_block = 4096;

/// Whether a row of the batch is learnt from.
__device__ bool is_learned(const float* weight, std::int64_t at) {
  return weight == nullptr || weight[at] != 0.0f;
}

/// How many rows a mean is over.
__device__ int learned_rows(const std::int32_t* weighted_rows, std::int64_t agent, int batch) {
  return weighted_rows == nullptr ? batch : max(1, weighted_rows[agent]);
}

/// The mean of sums_of(row) over an agent's batch, to thread 0 of one of the agent's blocks, which
/// gets true. The others get false.
///   rows  that the mean is over
template <class SumsOf>
__device__ bool mean_over_batch(int batch, int rows, const LossScratch& scratch,
                                const SumsOf& sums_of, LossSums& mean) {
  const std::int64_t agent = blockIdx.y;
  const int first = static_cast<int>(blockIdx.x) * rows_per_block;
  const int end = min(first + rows_per_block, batch);
  LossSums sums;
  for (int row = first + static_cast<int>(threadIdx.x); row < end; row += threads) {
    sums += sums_of(row);
  }
  sums.loss = block_sum<threads>(sums.loss);
  __syncthreads();
  sums.value = block_sum<threads>(sums.value);
  if (gridDim.x > 1) {
    LossSums* const parts = scratch.parts + agent * gridDim.x;
    if (threadIdx.x == 0) parts[blockIdx.x] = sums;
    if (!is_last_block(scratch.arrivals + agent, gridDim.x)) return false;
    sums = parts[0];
    for (unsigned block = 1; block < gridDim.x; ++block) sums += parts[block];
  }
  mean = {sums.loss / static_cast<double>(rows), sums.value / static_cast<double>(rows)};
  return threadIdx.x == 0;
}

__global__ void __launch_bounds__(threads) critic_loss(const CriticLoss arguments) {
  const std::int64_t agent = blockIdx.y;
  const int rows = learned_rows(arguments.weighted_rows, agent, arguments.batch);
  const float scale = critic_gradient_scale(rows);
  const auto of_row = [&](int row) {
    const float target = arguments.target[agent * arguments.batch + row];
    const bool row_is_learned = is_learned(arguments.weight, agent * arguments.batch + row);
    LossSums sums;
#pragma unroll 1  // one or two critics: more copies of the loop would only spill registers
    for (int critic = 0; critic < arguments.critics; ++critic) {
      const std::int64_t at = (agent * arguments.critics + critic) * arguments.batch + row;
      const LossRow loss =
          row_is_learned ? critic_loss_row(arguments.value[at], target, scale) : LossRow{};
      arguments.value_gradient[at] = loss.gradient;
      sums += loss.sums;
    }
    return sums;
  };
  LossSums mean;
  if (!mean_over_batch(arguments.batch, rows, arguments.scratch, of_row, mean)) return;
  if (agent == 0 && arguments.count != nullptr) *arguments.count = *arguments.updates + 1;
  const double loss = mean.loss / arguments.critics;
  UpdateTotals& totals = arguments.totals[agent];
  totals.critic_loss_sum += loss;
  totals.mean_q_sum += mean.value / arguments.critics;
  ++totals.critic_updates;
  note_if_not_finite(loss, LossQuantity::critic_loss, *arguments.updates, totals);
}

__global__ void __launch_bounds__(threads) actor_loss(const ActorLoss arguments) {
  const std::int64_t agent = blockIdx.y;
  const int rows = learned_rows(arguments.weighted_rows, agent, arguments.batch);
  const float gradient = actor_loss_gradient(rows);
  const auto of_row = [&](int row) {
    const std::int64_t at = agent * arguments.batch + row;
    const LossRow loss = is_learned(arguments.weight, at)
                             ? actor_loss_row(arguments.value[at], gradient)
                             : LossRow{};
    if (arguments.value_gradient != nullptr) arguments.value_gradient[at] = loss.gradient;
    return loss.sums;
  };
  LossSums mean;
  if (!mean_over_batch(arguments.batch, rows, arguments.scratch, of_row, mean)) return;
  UpdateTotals& totals = arguments.totals[agent];
  totals.actor_loss_sum += mean.loss;
  ++totals.actor_updates;
  note_if_not_finite(mean.loss, LossQuantity::actor_loss, *arguments.updates, totals);
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
