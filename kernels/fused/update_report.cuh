#pragma once

// What an agent's blocks report of an update.

#include "kernels/fused/block_memory.cuh"
#include "kernels/fused/training.hpp"
#include "kernels/gradient_tile.cuh"
#include "kernels/update_totals.hpp"

namespace polyak::kernels::fused {

/// The mean of values [batch], in the order of double_sum_over_rows(): by one whole warp, to all
/// its lanes. Each half has every second group of rows, a lane one of the group's running sums.
__device__ inline double mean_over_batch(const double* values, int batch) {
  const RowOrder order{batch};
  const int lane = static_cast<int>(threadIdx.x) % 32, half = lane / row_lanes;
  double total = 0.0;
  // Groups that there are not add nothing: all are read at once.
#pragma unroll
  for (int group = 0; group < max_row_groups; group += 2) {
    const int first = (group + half) * order.group_places() + lane % row_lanes;
    double sum = 0.0;
    for (int place = 0; place < order.group_places(); place += row_lanes) {
      if (first + place < batch) sum += values[first + place];
    }
    sum = butterfly(sum, row_lanes - 1);
    total += __shfl_sync(0xffffffffu, sum, 0);
    total += __shfl_sync(0xffffffffu, sum, row_lanes);
  }
  return total / static_cast<double>(batch);
}

/// Adds up what an agent's updates report.
template <class Shape>
struct UpdateReport {
  const Training& arguments;
  const Plan& plan;
  const BlockMemory& memory;

  /// Adds an update's losses and gradient norms to the agent's totals, after the last barrier of
  /// that update and before the next one's first losses. The last block, which has the fewest rows
  /// to sample meanwhile, does it, each quantity by another of its warps, of which there are at
  /// least four. Where the squares are only now summed, the norms are those of the update before.
  __device__ POLYAK_INLINE void add(std::int64_t number) const {
    if (memory.block + 1 != plan.cluster_blocks) return;
    // The last warp has Adam's powers to compute, the first has rows to sample.
    const int part = (2 * warps_of_block<Shape>() - 2 - warp_of_block()) % warps_of_block<Shape>();
    const std::int64_t of_norms = plan.sums_by_block ? number - 1 : number;
    if (part == 0) add_losses(number);
    if (part == 1) add_mean_value(number);
    if ((part == 2 || part == 3) && of_norms >= arguments.updates_before) {
      add_norm(part == 2, of_norms);
    }
  }

  /// The last update's norms, after a barrier over the agent's blocks behind their squares.
  __device__ POLYAK_INLINE void add_last_norms(std::int64_t number) const {
    if (!plan.sums_by_block || memory.block + 1 != plan.cluster_blocks) return;
    if (warp_of_block() < 2) add_norm(warp_of_block() == 0, number);
  }

 private:
  __device__ POLYAK_INLINE UpdateTotals& totals() const { return arguments.totals[memory.agent]; }
  __device__ POLYAK_INLINE static bool writes() { return threadIdx.x % 32 == 0; }

  __device__ POLYAK_INLINE void add_losses(std::int64_t number) const {
    const UpdateLosses losses = memory.losses(number);
    const double critic_loss = mean_over_batch(losses.critic, plan.batch);
    const double actor_loss = mean_over_batch(losses.actor, plan.batch);
    if (!writes()) return;
    totals().critic_loss_sum += critic_loss;
    totals().actor_loss_sum += actor_loss;
    ++totals().critic_updates;
    ++totals().actor_updates;
    note_if_not_finite(critic_loss, LossQuantity::critic_loss, number, totals());
    note_if_not_finite(actor_loss, LossQuantity::actor_loss, number, totals());
  }

  __device__ POLYAK_INLINE void add_mean_value(std::int64_t number) const {
    const double mean_q = mean_over_batch(memory.losses(number).value, plan.batch);
    if (writes()) totals().mean_q_sum += mean_q;
  }

  __device__ POLYAK_INLINE void add_norm(bool is_critic, std::int64_t number) const {
    const BlockNetwork& place = is_critic ? memory.critic : memory.actor;
    const double squares = sum_over_tiles(memory.squares(place, number),
                                          is_critic ? plan.critic.tiles : plan.actor.tiles);
    double& sum = is_critic ? totals().critic_gradient_norm_sum : totals().actor_gradient_norm_sum;
    if (writes()) sum += sqrt(squares);
  }
};

}  // namespace polyak::kernels::fused
