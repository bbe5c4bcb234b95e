#pragma once

// The arrays of one block, wherever the plan puts them, and what goes between an agent's blocks.

#include "kernels/fused/learn_alone.cuh"
#include "kernels/fused/learn_groups.cuh"
#include "kernels/fused/network_pass.cuh"
#include "kernels/fused/sample.cuh"

namespace polyak::kernels::fused {

/// A network where the block works on it.
struct BlockNetwork {
  float* parameters;
  float* target;
  float* moments;
  float* published;  // nullptr: nobody else reads what this block learns, or all read the same copy
  double* squared_gradients;  // of all tiles, for even updates and for odd ones
};

/// What is reported of an update: doubles [rows of all blocks].
struct UpdateLosses {
  double *critic, *actor, *value;
};

/// Of a plan that the compiler knows, constants; else shared by the threads of a block.
struct BlockMemory {
  const Plan* plan;
  std::int64_t agent;
  int block;  // of the agent's
  float* shared;
  float* scratch;  // of the agent

  Rows rows;       // those of the block
  int row_offset;  // where these begin in the matrices, behind those of blocks of the same group
  int first_row;   // of the batch, in this block
  int batch_rows;  // of the batch, in this block: rows.count less the padding

  float* features;  // with the rows of all blocks of the group; the others of this block alone
  float *actor_hidden, *critic_hidden, *target_hidden, *policy_action;
  float *critic_gradient, *actor_gradient, *value, *target;
  BlockNetwork actor, critic;

  __device__ POLYAK_INLINE void initialise(const Plan& the_plan, float* shared_memory,
                                           float* all_scratch) {
    plan = &the_plan;
    const auto blocks = static_cast<unsigned>(the_plan.cluster_blocks);
    agent = blockIdx.x / blocks;
    block = static_cast<int>(blockIdx.x % blocks);
    shared = shared_memory;
    scratch = all_scratch + agent * the_plan.scratch_floats;
    rows = {the_plan.rows, the_plan.row_pitch};
    row_offset = block % the_plan.group_blocks * the_plan.rows;
    first_row = block * the_plan.rows;
    batch_rows = max(0, min(the_plan.rows, the_plan.batch - first_row));
    find_features();
    double* const squares = reinterpret_cast<double*>(scratch + the_plan.squared_gradients);
    critic = network_at(the_plan.critic_parameters, the_plan.critic_target, the_plan.critic_moments,
                        the_plan.published_critic, squares);
    actor = network_at(the_plan.actor_parameters, the_plan.actor_target, the_plan.actor_moments,
                       the_plan.published_actor, squares + the_plan.critic.tiles);
  }

  /// Updates take turns: one may be reported while the next makes its own.
  __device__ POLYAK_INLINE UpdateLosses losses(std::int64_t update) const {
    const int rows_of_all = plan->all_rows();
    double* const first =
        reinterpret_cast<double*>(scratch + plan->losses) + update % 2 * 3 * rows_of_all;
    return {first, first + rows_of_all, first + 2 * rows_of_all};
  }

  /// A barrier over all blocks of the agent, after which they see what each has written.
  __device__ POLYAK_INLINE void wait_for_agent() const {
    arrive_for_agent();
    wait_for_arrivals();
  }

  /// The two halves of that barrier: between them is time for what concerns this block alone.
  __device__ POLYAK_INLINE void arrive_for_agent() const {
    if (plan->cluster_blocks > 1) cluster_arrive();
  }
  __device__ POLYAK_INLINE void wait_for_arrivals() const {
    if (plan->cluster_blocks > 1) {
      cluster_wait();
    } else {
      __syncthreads();
    }
  }

  /// An update's squared gradients of a network.
  __device__ POLYAK_INLINE double* squares(const BlockNetwork& network, std::int64_t update) const {
    return network.squared_gradients + update % 2 * (plan->critic.tiles + plan->actor.tiles);
  }

  /// Where an update's rows of the batch are.
  __device__ POLYAK_INLINE SampledRows sampled(std::int64_t update) const {
    const SampledFeatures &even = plan->features.sampled[0], &odd = plan->features.sampled[1];
    const bool is_even = !plan->draws_ahead || update % 2 == 0;
    return {feature(is_even ? even.transition : odd.transition),
            feature(is_even ? even.next : odd.next), feature(is_even ? even.reward : odd.reward),
            feature(is_even ? even.bootstrap_discount : odd.bootstrap_discount), rows.pitch};
  }

  /// The action's features in a matrix [observation | action].
  __device__ POLYAK_INLINE float* action_of(float* matrix) const {
    return matrix + plan->observation_size * rows.pitch;
  }

  /// Padding must be a number: it is multiplied by zeros.
  __device__ POLYAK_INLINE void clear_features() const {
    const int floats = plan->features.count * rows.pitch;
    for (int i = static_cast<int>(threadIdx.x); i < floats; i += static_cast<int>(blockDim.x)) {
      features[i] = 0.0f;
    }
  }

  /// Shows the other blocks this block's rows. No barrier within.
  template <class Shape>
  __device__ POLYAK_INLINE void exchange_features() const {
    if (plan->cluster_blocks == 1) return;
    float* const shown = scratch + plan->exchange + first_row;
    const int quads = rows.count / 4;
    for (int i = static_cast<int>(threadIdx.x); i < plan->features.exchanged * quads;
         i += Shape::threads()) {
      const int number = i / quads, row = i % quads * 4;
      *reinterpret_cast<float4*>(shown + static_cast<std::int64_t>(number) * plan->all_rows() +
                                 row) =
          *reinterpret_cast<const float4*>(features + number * rows.pitch + row);
    }
  }

  /// Where blocks sum their own rows.
  __device__ POLYAK_INLINE GroupSums group_sums(Transfers* transfers) const {
    return group_sums_of(*plan, at(plan->group_sums), block, transfers);
  }

  /// What the critic learns from after its backward pass, and the actor after its own.
  __device__ POLYAK_INLINE LearningInput critic_learning(std::int64_t update) const {
    const Features& number = plan->features;
    return {batch_transition(update),
            batch_feature(number.critic_hidden),
            batch_feature(number.target_hidden),
            batch_feature(number.critic_gradient),
            plan->all_rows(),
            RowOrder{plan->batch}.group_places()};
  }
  __device__ POLYAK_INLINE LearningInput actor_learning(std::int64_t update) const {
    const Features& number = plan->features;
    return {batch_transition(update),
            batch_feature(number.actor_hidden),
            batch_feature(number.critic_hidden),
            batch_feature(number.actor_gradient),
            plan->all_rows(),
            RowOrder{plan->batch}.group_places()};
  }

 private:
  __device__ POLYAK_INLINE void find_features() {
    features = at(plan->matrices);
    const Features& number = plan->features;
    actor_hidden = feature(number.actor_hidden);
    critic_hidden = feature(number.critic_hidden);
    target_hidden = feature(number.target_hidden);
    policy_action = feature(number.policy_action);
    critic_gradient = feature(number.critic_gradient);
    actor_gradient = feature(number.actor_gradient);
    value = feature(number.value);
    target = feature(number.target);
  }

  __device__ POLYAK_INLINE float* at(const Place& place) const {
    return place.shared ? shared + place.offset
                        : scratch + place.offset + block * place.block_stride;
  }
  __device__ POLYAK_INLINE float* feature(int number) const {
    return features + number * rows.pitch + row_offset;
  }

  __device__ POLYAK_INLINE BatchFeatures batch_transition(std::int64_t update) const {
    if (sums_own_rows()) return {sampled(update).transition - row_offset, rows.pitch};
    return batch_feature(plan->features.sampled[0].transition);
  }
  __device__ POLYAK_INLINE bool sums_own_rows() const {
    return plan->cluster_blocks == 1 || plan->sums_by_block;
  }

  /// Features of the rows that learning reads: the group's if it is summed by its blocks alone, or
  /// is all there is.
  __device__ POLYAK_INLINE BatchFeatures batch_feature(int number) const {
    if (sums_own_rows()) return {features + number * rows.pitch, rows.pitch};
    return {scratch + plan->exchange + static_cast<std::int64_t>(number) * plan->all_rows(),
            plan->all_rows()};
  }

  __device__ POLYAK_INLINE BlockNetwork network_at(const Place& parameters,
                                                   const Place& target_place, const Place& moments,
                                                   std::int64_t published,
                                                   double* squared_gradients) const {
    const bool publishes =
        plan->cluster_blocks > 1 && !plan->sums_by_block && !parameters.is_common();
    return {at(parameters), at(target_place), at(moments),
            publishes ? scratch + published : nullptr, squared_gradients};
  }
};

}  // namespace polyak::kernels::fused
