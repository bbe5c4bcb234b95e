#include "backend/cuda/fused/fused_plan.hpp"

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

TrainingShape training_shape(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  return {network_shape(actor_layout(config)),
          network_shape(critic_layout(config)),
          environment.observation_size,
          environment.action_size,
          config.batch_size,
          config.precision};
}

}  // namespace

Plan make_fused_plan(const Config& config, int cluster_blocks, const FusedLimits& limits) {
  return make_plan(training_shape(config), cluster_blocks, limits.shared_bytes);
}

KernelShape kernel_shape(const Config& config, int cluster_blocks, const FusedLimits& limits) {
  return {config.environment, training_shape(config), cluster_blocks, limits.shared_bytes};
}

}  // namespace polyak::cuda
