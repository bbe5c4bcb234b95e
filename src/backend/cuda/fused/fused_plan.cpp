#include "backend/cuda/fused/fused_plan.hpp"

#include <algorithm>
#include <numeric>

#include "kernels/fused/plan_builder.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::cuda {
namespace {

using namespace kernels::fused;

static_assert(place_alignment == parameter_alignment);

NetworkShape network_shape(const NetworkLayout& layout) {
  NetworkShape shape{};
  shape.inputs = layout.layers.front().inputs;
  for (const LinearLayout& layer : layout.layers) {
    shape.outputs[shape.layer_count] = layer.outputs;
    shape.activations[shape.layer_count] = layer.activation;
    ++shape.layer_count;
  }
  return shape;
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
  const TrainingShape shape{network_shape(actor_layout(config)),
                            network_shape(critic_layout(config)),
                            environment.observation_size,
                            environment.action_size,
                            config.batch_size,
                            config.precision};
  return make_plan(shape, cluster_blocks, limits.shared_bytes);
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
