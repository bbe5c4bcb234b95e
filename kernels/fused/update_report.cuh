#pragma once

// What an agent's blocks report of an update.

#include "kernels/fused/block_memory.cuh"
#include "kernels/fused/training.hpp"
#include "kernels/gradient_tile.cuh"
#include "kernels/update_totals.hpp"

namespace polyak::kernels::fused {

/// The mean of values [batch], in the order of double_sum_over_rows(): by one whole warp, to all
/// its lanes. Each half has every second group of rows, a lane one of the group's running sums.
/// Called, not inlined: a kernel has it several times.
template <class Shape>
__device__ POLYAK_OUT_OF_LINE double mean_over_batch(const double* values, int launched_batch) {
  int batch = launched_batch;
  if constexpr (Shape::is_known) batch = Shape::plan().batch;
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

  /// Adds an update's losses and gradient norms to the agent's totals, after a barrier over the
  /// agent's blocks that follows that update and before the one that follows the next update: every
  /// second update has the same places. The last block, which has the fewest rows to sample
  /// meanwhile, does it, each part by another of its warps, of which there are at least four.
  __device__ POLYAK_INLINE void add(std::int64_t number) const {
    if (memory.block + 1 != plan.cluster_blocks) return;
    // The last warp has Adam's powers to compute, the first has rows to sample.
    const int part = (2 * warps_of_block<Shape>() - 2 - warp_of_block()) % warps_of_block<Shape>();
    add_part(part, number);
  }

  /// The same by one warp of every block, each block some of the parts.
  __device__ POLYAK_INLINE void add_by_blocks(std::int64_t number) const {
    for (int part = plan.cluster_blocks - 1 - memory.block; part < parts;
         part += plan.cluster_blocks) {
      add_part(part, number);
    }
  }

 private:
  static constexpr int parts = 4;

  __device__ POLYAK_INLINE void add_part(int part, std::int64_t number) const {
    if (part == 0) add_losses(number);
    if (part == 1) add_mean_value(number);
    if (part == 2 || part == 3) add_norm(part == 2, number);
  }
  __device__ POLYAK_INLINE UpdateTotals& totals() const { return arguments.totals[memory.agent]; }
  __device__ POLYAK_INLINE static bool writes() { return threadIdx.x % 32 == 0; }

  __device__ POLYAK_INLINE void add_losses(std::int64_t number) const {
    const UpdateLosses losses = memory.losses(number);
    const double critic_loss = mean_over_batch<Shape>(losses.critic, plan.batch);
    const double actor_loss = mean_over_batch<Shape>(losses.actor, plan.batch);
    if (!writes()) return;
    totals().critic_loss_sum += critic_loss;
    totals().actor_loss_sum += actor_loss;
    ++totals().critic_updates;
    ++totals().actor_updates;
    note_if_not_finite(critic_loss, LossQuantity::critic_loss, number, totals());
    note_if_not_finite(actor_loss, LossQuantity::actor_loss, number, totals());
  }

  __device__ POLYAK_INLINE void add_mean_value(std::int64_t number) const {
    const double mean_q = mean_over_batch<Shape>(memory.losses(number).value, plan.batch);
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
