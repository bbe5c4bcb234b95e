#include "backend/cuda/fused/fused_plan.hpp"

#include <algorithm>
#include <initializer_list>
#include <numeric>

#include "polyak/environment/registry.hpp"

namespace polyak::cuda {
namespace {

using namespace kernels::fused;

/// Packs the layers of a network one after the other and numbers their weight tiles.
Network pack_network(const NetworkLayout& layout, int depth) {
  Network network{};
  int hidden = 0;
  for (const LinearLayout& from : layout.layers) {
    Layer& layer = network.layers[network.layer_count++];
    layer.inputs = from.inputs;
    layer.outputs = from.outputs;
    layer.pitch = conflict_free_pitch(round_up(from.inputs, depth));
    layer.weight = network.floats;
    layer.bias = layer.weight + round_up(from.outputs, depth) * layer.pitch;
    layer.activation = from.activation;
    layer.hidden = hidden;
    layer.first_tile = network.tiles;
    layer.flat_weight = from.weight_offset;
    layer.flat_bias = from.bias_offset;
    network.floats = layer.bias + round_up(from.outputs, 4);
    network.tiles += layer.tiles();
    hidden += round_up(from.outputs, depth);
  }
  return network;
}

/// Features of all hidden layers.
int hidden_features(const Network& network) { return network.output_layer().hidden; }

Features number_features(const Plan& plan, int depth) {
  Features features{};
  const auto next = [&features](int count) {
    const int first = features.count;
    features.count += count;
    return first;
  };
  const int inputs = round_up(plan.observation_size + plan.action_size, depth);
  const int hidden = std::max(hidden_features(plan.actor), hidden_features(plan.critic));
  features.transition = next(inputs);
  features.actor_hidden = next(hidden);
  features.critic_hidden = next(hidden);
  features.critic_gradient = next(round_up(1, depth));
  features.actor_gradient = next(round_up(plan.action_size, depth));
  features.exchanged = features.count;
  features.next = next(inputs);
  for (int* const feature :
       {&features.value, &features.reward, &features.bootstrap_discount, &features.target}) {
    *feature = next(1);
  }
  return features;
}

/// As many warps as the largest product has tiles, within what a block may have.
int thread_count(const Plan& plan) {
  constexpr int fewest_warps = 4, max_warps = 16;
  int outputs = 1;
  for (const Network* network : {&plan.actor, &plan.critic}) {
    for (int i = 0; i < network->layer_count; ++i) {
      outputs = std::max(outputs, network->layers[i].outputs);
    }
  }
  const int tiles = round_up(outputs, tile_rows) / tile_rows * (plan.rows / tile_columns);
  return 32 * std::clamp(tiles, fewest_warps, max_warps);
}

/// Allocates the arrays of a plan: shared memory while there is some, then scratch memory.
class Placement {
 public:
  explicit Placement(Plan& plan, const FusedLimits& limits)
      : plan_(plan), shared_floats_left_(limits.shared_bytes / static_cast<int>(sizeof(float))) {}

  /// An array of which every block has its own, in shared memory if it fits.
  Place allocate_per_block(std::int64_t floats) {
    if (floats <= shared_floats_left_) {
      const Place place{true, shared_floats_, 0};
      shared_floats_ += floats;
      shared_floats_left_ -= floats;
      return place;
    }
    return {false, allocate_scratch(floats * plan_.cluster_blocks), floats};
  }

  /// An array that all blocks share.
  Place allocate_common(std::int64_t floats) { return {false, allocate_scratch(floats), 0}; }

  bool fits_shared(std::int64_t floats) const { return floats <= shared_floats_left_; }

  std::int64_t allocate_scratch(std::int64_t floats) {
    const std::int64_t offset = plan_.scratch_floats;
    plan_.scratch_floats +=
        (floats + parameter_alignment - 1) / parameter_alignment * parameter_alignment;
    return offset;
  }

  int shared_bytes() const {
    return static_cast<int>(shared_floats_ * static_cast<int>(sizeof(float)));
  }

 private:
  Plan& plan_;
  std::int64_t shared_floats_ = 0, shared_floats_left_;
};

/// A network's parameters and target: copies for every block if there is shared memory for the
/// parameters, else one of each that all blocks read.
void place_networks(Plan& plan, Placement& placement) {
  const bool critic_in_shared = placement.fits_shared(plan.critic.floats);
  plan.critic_parameters = critic_in_shared ? placement.allocate_per_block(plan.critic.floats)
                                            : placement.allocate_common(plan.critic.floats);
  const bool actor_in_shared = placement.fits_shared(plan.actor.floats);
  plan.actor_parameters = actor_in_shared ? placement.allocate_per_block(plan.actor.floats)
                                          : placement.allocate_common(plan.actor.floats);
  plan.critic_target = critic_in_shared ? placement.allocate_per_block(plan.critic.floats)
                                        : placement.allocate_common(plan.critic.floats);
  plan.actor_target = actor_in_shared ? placement.allocate_per_block(plan.actor.floats)
                                      : placement.allocate_common(plan.actor.floats);
}

std::int64_t moment_floats(const Network& network, const Plan& plan) {
  const int warps = plan.threads / 32;
  const int tiles_per_warp =
      (network.tiles + warps * plan.cluster_blocks - 1) / (warps * plan.cluster_blocks);
  return static_cast<std::int64_t>(tiles_per_warp) * warps * 2 * tile_floats;
}

void place_arrays(Plan& plan, const FusedLimits& limits) {
  Placement placement(plan, limits);
  plan.matrices =
      placement.allocate_per_block(static_cast<std::int64_t>(plan.features.count) * plan.row_pitch);
  place_networks(plan, placement);
  plan.critic_moments = placement.allocate_per_block(moment_floats(plan.critic, plan));
  plan.actor_moments = placement.allocate_per_block(moment_floats(plan.actor, plan));
  constexpr std::int64_t double_floats = sizeof(double) / sizeof(float);
  plan.losses = placement.allocate_scratch(double_floats * 3 * plan.all_rows());
  plan.squared_gradients =
      placement.allocate_scratch(double_floats * (plan.critic.tiles + plan.actor.tiles));
  if (plan.cluster_blocks > 1) {
    plan.exchange = placement.allocate_scratch(static_cast<std::int64_t>(plan.features.exchanged) *
                                               plan.all_rows());
    plan.published_actor = placement.allocate_scratch(plan.actor.floats);
    plan.published_critic = placement.allocate_scratch(plan.critic.floats);
  }
  plan.shared_bytes = placement.shared_bytes();
}

/// Multiply-adds of one network over one row.
std::int64_t weights(const NetworkLayout& layout) {
  return std::accumulate(layout.layers.begin(), layout.layers.end(), std::int64_t{0},
                         [](std::int64_t sum, const LinearLayout& layer) {
                           return sum + static_cast<std::int64_t>(layer.inputs) * layer.outputs;
                         });
}

}  // namespace

Plan make_fused_plan(const Config& config, int cluster_blocks, const FusedLimits& limits) {
  const EnvironmentInfo environment = find_environment(config.environment);
  const int depth = depth_multiple(config.precision);
  Plan plan{};
  plan.actor = pack_network(actor_layout(config), depth);
  plan.critic = pack_network(critic_layout(config), depth);
  plan.observation_size = environment.observation_size;
  plan.action_size = environment.action_size;
  plan.batch = config.batch_size;
  plan.cluster_blocks = cluster_blocks;
  const int share = (config.batch_size + cluster_blocks - 1) / cluster_blocks;
  plan.rows = round_up(share, std::max(depth, tile_columns));
  plan.row_pitch = conflict_free_pitch(plan.rows);
  plan.features = number_features(plan, depth);
  plan.threads = thread_count(plan);
  place_arrays(plan, limits);
  return plan;
}

int choose_cluster_blocks(const Config& config, int multiprocessors, const FusedLimits& limits) {
  // Rows come by eights: with fewer, much of a block's tiles would be padding.
  constexpr int fewest_rows = 12;
  const int by_rows = std::max(1, (config.batch_size + fewest_rows - 1) / fewest_rows);
  const int by_device = std::max(1, multiprocessors / config.agents);
  const int max_blocks = std::min({limits.cluster_blocks, by_rows, by_device});
  int blocks = 1;
  while (blocks * 2 <= max_blocks) blocks *= 2;
  return blocks;
}

bool prefers_fused_engine(const Config& config, const FusedLimits& limits) {
  // A prediction, not yet measured. The layered engine needs some 1.5 us for each of its 26 kernels
  // (of two hidden layers; layered_update_test.cpp) whatever the size; one block makes about
  // 0.2 * 10^12 multiply-adds per second, a cluster of eight so many times more. An update makes
  // ten passes over the weights.
  const std::int64_t multiply_adds =
      10 * config.batch_size * (weights(actor_layout(config)) + weights(critic_layout(config))) / 2;
  const std::int64_t max_multiply_adds =
      limits.cluster_blocks > 1 ? std::int64_t{1} << 28 : std::int64_t{1} << 24;
  constexpr int max_environments = 1024;
  return multiply_adds <= max_multiply_adds && config.environments <= max_environments;
}

}  // namespace polyak::cuda
