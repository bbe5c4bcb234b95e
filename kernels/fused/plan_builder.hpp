// Makes the plan of a training: on the host, when it runs, for any shape; by the compiler for the
// shapes that have a kernel of their own. Plain C++: no CUDA syntax.
#pragma once

#include "kernels/fused/plan.hpp"

namespace polyak::kernels::fused {

/// A multilayer perceptron.
struct NetworkShape {
  int inputs;
  int layer_count;
  int outputs[max_layers];
  Activation activations[max_layers];
};

/// What a plan follows from, beside the number of blocks and what a block has of shared memory.
struct TrainingShape {
  NetworkShape actor, critic;
  int observation_size, action_size;
  int batch;
  Precision precision;
};

/// Tensors in flat parameters, and arrays in scratch memory, start at multiples of so many floats.
inline constexpr std::int64_t place_alignment = 32;

namespace detail {

POLYAK_HOST_DEVICE constexpr int larger(int a, int b) { return a > b ? a : b; }
POLYAK_HOST_DEVICE constexpr int smaller(int a, int b) { return a < b ? a : b; }
POLYAK_HOST_DEVICE constexpr std::int64_t aligned(std::int64_t floats) {
  return (floats + place_alignment - 1) / place_alignment * place_alignment;
}

/// Packs the layers of a network one after the other and numbers their weight tiles.
POLYAK_HOST_DEVICE constexpr Network pack_network(const NetworkShape& shape, int depth) {
  Network network{};
  int inputs = shape.inputs, hidden = 0;
  std::int64_t flat = 0;
  for (int i = 0; i < shape.layer_count; ++i) {
    Layer& layer = network.layers[network.layer_count++];
    layer.inputs = inputs;
    layer.outputs = shape.outputs[i];
    layer.pitch = conflict_free_pitch(round_up(inputs, depth));
    layer.weight = network.floats;
    layer.bias = layer.weight + round_up(layer.outputs, depth) * layer.pitch;
    layer.activation = shape.activations[i];
    layer.hidden = hidden;
    layer.first_tile = network.tiles;
    layer.flat_weight = flat;
    layer.flat_bias = flat + aligned(static_cast<std::int64_t>(inputs) * layer.outputs);
    flat = layer.flat_bias + aligned(layer.outputs);
    network.floats = layer.bias + round_up(layer.outputs, 4);
    network.tiles += layer.tiles();
    hidden += round_up(layer.outputs, depth);
    inputs = layer.outputs;
  }
  return network;
}

/// Features of all hidden layers.
POLYAK_HOST_DEVICE constexpr int hidden_features(const Network& network) {
  return network.output_layer().hidden;
}

POLYAK_HOST_DEVICE constexpr Features number_features(const Plan& plan, int depth) {
  Features features{};
  const int inputs = round_up(plan.observation_size + plan.action_size, depth);
  const int hidden = larger(hidden_features(plan.actor), hidden_features(plan.critic));
  SampledFeatures& sampled = features.sampled[0];
  sampled.transition = 0;
  features.actor_hidden = sampled.transition + inputs;
  features.critic_hidden = features.actor_hidden + hidden;
  features.critic_gradient = features.critic_hidden + hidden;
  features.actor_gradient = features.critic_gradient + round_up(1, depth);
  features.exchanged = features.actor_gradient + round_up(plan.action_size, depth);
  sampled.next = features.exchanged;
  sampled.reward = sampled.next + inputs;
  sampled.bootstrap_discount = sampled.reward + 1;
  features.value = sampled.bootstrap_discount + 1;
  features.target = features.value + 1;
  features.count = features.target + 1;
  features.sampled[1] = sampled;
  features.target_hidden = features.actor_hidden;
  features.policy_action = features.actor_gradient;
  if (plan.pairs_passes()) {
    features.target_hidden = features.count;
    features.policy_action = features.target_hidden + hidden;
    features.count = features.policy_action + round_up(plan.action_size, depth);
  }
  if (plan.draws_ahead) {
    const int transition = features.count, next = transition + inputs, reward = next + inputs;
    features.sampled[1] = {transition, next, reward, reward + 1};
    features.count = reward + 2;
  }
  return features;
}

/// As many warps as the largest product has tiles, within what a block may have. With half a group
/// of rows that is few, but learning has work for more; and each of two passes has half of them.
POLYAK_HOST_DEVICE constexpr int thread_count(const Plan& plan) {
  constexpr int max_warps = 16;
  const int fewest_warps = plan.group_blocks > 1 ? 8 : 4;
  int outputs = 1;
  for (int i = 0; i < plan.actor.layer_count; ++i) {
    outputs = larger(outputs, plan.actor.layers[i].outputs);
  }
  for (int i = 0; i < plan.critic.layer_count; ++i) {
    outputs = larger(outputs, plan.critic.layers[i].outputs);
  }
  const int tiles = round_up(outputs, tile_rows) / tile_rows * (plan.rows / tile_columns);
  const int warps = smaller(larger(tiles, fewest_warps), max_warps);
  return 32 * (plan.pairs_passes() ? round_up(warps, 2) : warps);
}

/// Allocates the arrays of a plan: shared memory while there is some, then scratch memory.
class Placement {
 public:
  POLYAK_HOST_DEVICE constexpr Placement(Plan& plan, int shared_bytes)
      : plan_(plan), shared_floats_left_(shared_bytes / static_cast<int>(sizeof(float))) {}

  /// An array of which every block has its own, in shared memory if it fits.
  POLYAK_HOST_DEVICE constexpr Place allocate_per_block(std::int64_t floats) {
    if (fits_shared(floats)) {
      const Place place{true, shared_floats_, 0};
      shared_floats_ += floats;
      shared_floats_left_ -= floats;
      return place;
    }
    return {false, allocate_scratch(floats * plan_.cluster_blocks), floats};
  }

  /// An array of every block's own, or one that all blocks share.
  POLYAK_HOST_DEVICE constexpr Place allocate(std::int64_t floats, bool per_block) {
    if (per_block) return allocate_per_block(floats);
    return {false, allocate_scratch(floats), 0};
  }

  POLYAK_HOST_DEVICE constexpr bool fits_shared(std::int64_t floats) const {
    return floats <= shared_floats_left_;
  }

  POLYAK_HOST_DEVICE constexpr std::int64_t allocate_scratch(std::int64_t floats) {
    const std::int64_t offset = plan_.scratch_floats;
    plan_.scratch_floats += aligned(floats);
    return offset;
  }

  POLYAK_HOST_DEVICE constexpr int shared_bytes() const {
    return static_cast<int>(shared_floats_ * static_cast<int>(sizeof(float)));
  }

 private:
  Plan& plan_;
  std::int64_t shared_floats_ = 0, shared_floats_left_;
};

/// A network's parameters and target: copies for every block if there is shared memory for the
/// parameters, else one of each that all blocks read.
POLYAK_HOST_DEVICE constexpr void place_networks(Plan& plan, Placement& placement) {
  const bool critic_in_shared = placement.fits_shared(plan.critic.floats);
  plan.critic_parameters = placement.allocate(plan.critic.floats, critic_in_shared);
  const bool actor_in_shared = placement.fits_shared(plan.actor.floats);
  plan.actor_parameters = placement.allocate(plan.actor.floats, actor_in_shared);
  plan.critic_target = placement.allocate(plan.critic.floats, critic_in_shared);
  plan.actor_target = placement.allocate(plan.actor.floats, actor_in_shared);
}

POLYAK_HOST_DEVICE constexpr std::int64_t moment_floats(const Network& network, const Plan& plan) {
  const int warps = plan.threads / 32;
  const int tiles_per_warp =
      (network.tiles + warps * plan.cluster_blocks - 1) / (warps * plan.cluster_blocks);
  return static_cast<std::int64_t>(tiles_per_warp) * warps * 2 * tile_floats;
}

/// The sums of groups, if every block has one group, or its share of one, and there is room.
POLYAK_HOST_DEVICE constexpr void place_group_sums(Plan& plan, Placement& placement) {
  const int tiles = larger(plan.actor.tiles, plan.critic.tiles);
  plan.block_tiles = (tiles + plan.cluster_blocks - 1) / plan.cluster_blocks;
  const RowOrder order{plan.batch};
  const std::int64_t floats =
      static_cast<std::int64_t>(order.groups()) * plan.block_tiles * tile_floats;
  plan.sums_by_block = plan.cluster_blocks > 1 && plan.group_rows() == order.group_places() &&
                       plan.actor_moments.shared && plan.critic_moments.shared &&
                       plan.matrices.shared && plan.actor_target.shared &&
                       plan.critic_target.shared && placement.fits_shared(floats);
  if (plan.sums_by_block) plan.group_sums = placement.allocate_per_block(floats);
}

POLYAK_HOST_DEVICE constexpr void place_arrays(Plan& plan, int shared_bytes) {
  Placement placement(plan, shared_bytes);
  plan.matrices =
      placement.allocate_per_block(static_cast<std::int64_t>(plan.features.count) * plan.row_pitch);
  place_networks(plan, placement);
  plan.critic_moments = placement.allocate_per_block(moment_floats(plan.critic, plan));
  plan.actor_moments = placement.allocate_per_block(moment_floats(plan.actor, plan));
  place_group_sums(plan, placement);
  constexpr std::int64_t double_floats = sizeof(double) / sizeof(float);
  plan.losses = placement.allocate_scratch(2 * double_floats * 3 * plan.all_rows());
  plan.squared_gradients =
      placement.allocate_scratch(2 * double_floats * (plan.critic.tiles + plan.actor.tiles));
  if (plan.cluster_blocks > 1 && !plan.sums_by_block) {
    plan.exchange = placement.allocate_scratch(static_cast<std::int64_t>(plan.features.exchanged) *
                                               plan.all_rows());
    plan.published_actor = placement.allocate_scratch(plan.actor.floats);
    plan.published_critic = placement.allocate_scratch(plan.critic.floats);
  }
  plan.shared_bytes = placement.shared_bytes();
}

/// The plan where so many blocks share the rows of a group, with room for the next batch or not.
POLYAK_HOST_DEVICE constexpr Plan plan_with_groups(const TrainingShape& shape, int cluster_blocks,
                                                   int shared_bytes, int group_blocks,
                                                   bool draws_ahead) {
  const int depth = depth_multiple(shape.precision);
  Plan plan{};
  plan.actor = pack_network(shape.actor, depth);
  plan.critic = pack_network(shape.critic, depth);
  plan.observation_size = shape.observation_size;
  plan.action_size = shape.action_size;
  plan.batch = shape.batch;
  plan.cluster_blocks = cluster_blocks;
  plan.group_blocks = group_blocks;
  plan.draws_ahead = draws_ahead;
  const int share = (shape.batch + cluster_blocks - 1) / cluster_blocks;
  plan.rows = round_up(share, larger(depth, tile_columns));
  plan.row_pitch = conflict_free_pitch(plan.group_rows());
  plan.features = number_features(plan, depth);
  plan.threads = thread_count(plan);
  place_arrays(plan, shared_bytes);
  return plan;
}

/// Whether as much is in shared memory as in another plan.
POLYAK_HOST_DEVICE constexpr bool shares_as_much(const Plan& plan, const Plan& other) {
  return plan.matrices.shared == other.matrices.shared &&
         plan.actor_parameters.shared == other.actor_parameters.shared &&
         plan.critic_parameters.shared == other.critic_parameters.shared &&
         plan.actor_target.shared == other.actor_target.shared &&
         plan.critic_target.shared == other.critic_target.shared &&
         plan.actor_moments.shared == other.actor_moments.shared &&
         plan.critic_moments.shared == other.critic_moments.shared;
}

}  // namespace detail

/// The plan with so many blocks for each agent, a power of two. What does not fit the shared memory
/// of a block goes to the agent's scratch memory: first the optimiser's moments, then the targets,
/// the parameters, and last the matrices over the batch.
POLYAK_HOST_DEVICE constexpr Plan make_plan(const TrainingShape& shape, int cluster_blocks,
                                            int shared_bytes) {
  if (cluster_blocks > 1) {
    const Plan by_two = detail::plan_with_groups(shape, cluster_blocks, shared_bytes, 2, true);
    if (by_two.sums_by_block) return by_two;
  }
  const Plan ahead = detail::plan_with_groups(shape, cluster_blocks, shared_bytes, 1, true);
  if (ahead.sums_by_block) return ahead;
  const Plan plan = detail::plan_with_groups(shape, cluster_blocks, shared_bytes, 1, false);
  // Where blocks learn from each other's rows, these must be copied first.
  return cluster_blocks == 1 && detail::shares_as_much(ahead, plan) ? ahead : plan;
}

}  // namespace polyak::kernels::fused
