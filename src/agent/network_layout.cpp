// Where the tensors of actor and critic stand in their flat parameter arrays, and what is beside
// them in a training's other arrays.
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
                                  const NetworkOptions& options) {
  NetworkLayout layout{};
  std::int64_t offset = 0;
  const auto place = [&offset](std::int64_t floats) {
    const std::int64_t at = offset;
    offset = align(offset + floats);
    return at;
  };
  const auto add_layer = [&](int layer_inputs, int layer_outputs, Activation activation,
                             bool layer_norm) {
    LinearLayout layer{layer_inputs, layer_outputs, 0, 0, activation, layer_norm};
    if (layout.layers.size() == options.late_layer) layer.inputs += options.late_inputs;
    layer.weight_offset = place(static_cast<std::int64_t>(layer.inputs) * layer_outputs);
    layer.bias_offset = place(layer_outputs);
    if (layer_norm) {
      layer.norm_weight_offset = place(layer_outputs);
      layer.norm_bias_offset = place(layer_outputs);
    }
    layout.layers.push_back(layer);
  };
  int width = inputs;
  if (options.cell != PolicyKind::feed_forward) {
    const int units = options.recurrent_units;
    const auto add_product = [&](int product_inputs) {
      LinearLayout product{product_inputs, gate_count(options.cell) * units, 0, 0,
                           Activation::identity};
      product.weight_offset = place(static_cast<std::int64_t>(product.inputs) * product.outputs);
      product.bias_offset = place(product.outputs);
      return product;
    };
    const LinearLayout input = add_product(inputs + options.history_inputs);
    layout.cell = CellLayout{options.cell, units, inputs, input, add_product(units)};
    width = units + inputs;
  }
  for (const int next : hidden) {
    add_layer(width, next, hidden_activation, options.layer_norm);
    width = next;
  }
  add_layer(width, outputs, output_activation, false);
  layout.late_inputs = options.late_layer > 0 ? options.late_inputs : 0;
  layout.late_layer = options.late_layer;
  layout.network_floats = offset;
  layout.networks = options.networks;
  layout.stride = options.networks * layout.network_floats;
  return layout;
}

NetworkLayout actor_layout(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  return make_network_layout(environment.observation_size, config.actor_hidden,
                             environment.action_size, config.activation, Activation::tanh,
                             {.layer_norm = config.layer_norm,
                              .cell = config.policy,
                              .recurrent_units = config.recurrent_units,
                              .history_inputs = environment.action_size + 1});
}

NetworkLayout critic_layout(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  return make_network_layout(environment.observation_size, config.critic_hidden, 1,
                             config.activation, Activation::identity,
                             {.late_inputs = environment.action_size,
                              .late_layer = static_cast<std::size_t>(config.critic_action_layer),
                              .networks = config.twin_critics ? 2 : 1,
                              .layer_norm = config.layer_norm,
                              .cell = config.policy,
                              .recurrent_units = config.recurrent_units,
                              .history_inputs = environment.action_size + 1});
}

int stream_state_floats(const Config& config) {
  if (!is_recurrent(config)) return 0;
  const int networks = stores_states(config) ? 1 + critic_layout(config).networks : 1;
  return networks * actor_layout(config).cell->state_floats();
}

RowLayout row_layout(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  return {environment.observation_size, environment.action_size,
          stores_states(config) ? stream_state_floats(config) : 0};
}

}  // namespace polyak
