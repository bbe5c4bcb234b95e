// The losses of DDPG (Lillicrap et al. 2015, arXiv 1509.02971, algorithm 1): the critic's mean
// (Q - y)^2 and the actor's -mean Q, and their gradients with respect to Q. Of sequences the mean
// is over the steps that something is learnt from.
//
//   Q, gradient [agents, critics, batch]; y, weight [agents, batch]; totals [agents] (losses.hpp).
//
// One block per agent; a thread has one of the running sums, which are in double, of
// polyak/core/summation.hpp, and thread 0 adds the loss to the agent's totals. Bound by latency.
#include "kernels/launch.cuh"
#include "kernels/losses.hpp"
#include "kernels/reduction.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = row_sum_threads;

/// Whether a row of the batch is learnt from.
__device__ bool is_learned(const float* weight, std::int64_t at) {
  return weight == nullptr || weight[at] != 0.0f;
}

/// How many rows a mean is over.
__device__ int learned_rows(const std::int32_t* weighted_rows, std::int64_t agent, int batch) {
  return weighted_rows == nullptr ? batch : max(1, weighted_rows[agent]);
}

/// The mean of sums_of(row) over an agent's batch, to every thread.
///   rows  that the mean is over
template <class SumsOf>
__device__ LossSums mean_over_batch(const RowOrder& order, int rows, const SumsOf& sums_of) {
  LossSums running;
  visit_rows_of_sum(order, [&](int row) { running += sums_of(row); });
  const double loss = sum_of_row_sums(running.loss);
  __syncthreads();
  const double value = sum_of_row_sums(running.value);
  return {loss / static_cast<double>(rows), value / static_cast<double>(rows)};
}

__global__ void __launch_bounds__(threads) critic_loss(const CriticLoss arguments) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.x;
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
  const RowOrder order{arguments.batch / arguments.steps, arguments.steps};
  const LossSums mean = mean_over_batch(order, rows, of_row);
  if (threadIdx.x != 0) return;
  if (agent == 0 && arguments.count != nullptr) *arguments.count = *arguments.updates + 1;
  const double loss = mean.loss / arguments.critics;
  UpdateTotals& totals = arguments.totals[agent];
  totals.critic_loss_sum += loss;
  totals.mean_q_sum += mean.value / arguments.critics;
  ++totals.critic_updates;
  note_if_not_finite(loss, LossQuantity::critic_loss, *arguments.updates, totals);
}

__global__ void __launch_bounds__(threads) actor_loss(const ActorLoss arguments) {
  wait_for_previous_kernel();
  const std::int64_t agent = blockIdx.x;
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
  const RowOrder order{arguments.batch / arguments.steps, arguments.steps};
  const LossSums mean = mean_over_batch(order, rows, of_row);
  if (threadIdx.x != 0) return;
  UpdateTotals& totals = arguments.totals[agent];
  totals.actor_loss_sum += mean.loss;
  ++totals.actor_updates;
  note_if_not_finite(mean.loss, LossQuantity::actor_loss, *arguments.updates, totals);
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
