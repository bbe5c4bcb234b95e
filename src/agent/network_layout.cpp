// Where the tensors of actor and critic stand in their flat parameter arrays.
#include "polyak/agent.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

std::int64_t align(std::int64_t offset) {
  return (offset + parameter_alignment - 1) / parameter_alignment * parameter_alignment;
}

}  // namespace

NetworkLayout make_network_layout(int inputs, std::span<const int> hidden, int outputs,
                                  Activation hidden_activation, Activation output_activation,
                                  LateInputs late, int networks) {
  NetworkLayout layout{};
  layout.late_inputs = late.layer > 0 ? late.count : 0;
  layout.late_layer = late.layer;
  std::int64_t offset = 0;
  const auto add_layer = [&](int layer_inputs, int layer_outputs, Activation activation) {
    const bool takes_late_inputs = layout.layers.size() == late.layer;
    LinearLayout layer{layer_inputs + (takes_late_inputs ? late.count : 0), layer_outputs, offset,
                       0, activation};
    layer.bias_offset = align(offset + static_cast<std::int64_t>(layer.inputs) * layer_outputs);
    offset = align(layer.bias_offset + layer_outputs);
    layout.layers.push_back(layer);
  };
  int width = inputs;
  for (const int next : hidden) {
    add_layer(width, next, hidden_activation);
    width = next;
  }
  add_layer(width, outputs, output_activation);
  layout.network_floats = offset;
  layout.networks = networks;
  layout.stride = networks * layout.network_floats;
  return layout;
}

NetworkLayout actor_layout(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  return make_network_layout(environment.observation_size, config.actor_hidden,
                             environment.action_size, config.activation, Activation::tanh);
}

NetworkLayout critic_layout(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  return make_network_layout(
      environment.observation_size, config.critic_hidden, 1, config.activation,
      Activation::identity,
      {environment.action_size, static_cast<std::size_t>(config.critic_action_layer)},
      config.twin_critics ? 2 : 1);
}

}  // namespace polyak
