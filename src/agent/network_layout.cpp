// Where the tensors of actor and critic stand in their flat parameter arrays, and what is beside
// them in a training's other arrays.
#include <algorithm>

#include "agent/agent.hpp"
#include "config/derived.hpp"
#include "polyak/core/summation.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

std::int64_t align(std::int64_t offset) {
  return (offset + parameter_alignment - 1) / parameter_alignment * parameter_alignment;
}

/// Hands out places in a flat array.
struct Places {
  std::int64_t end = 0;
  std::int64_t take(std::int64_t floats) {
    const std::int64_t at = end;
    end = align(end + floats);
    return at;
  }
};

/// Puts a network together, its tensors one after the other.
class LayoutBuilder {
 public:
  explicit LayoutBuilder(const NetworkOptions& options) : options_(options) {}

  void add_cell(int observation_size) {
    const int units = options_.recurrent_units;
    const LinearLayout input = cell_product(observation_size + options_.history_inputs);
    layout_.cell = CellLayout{options_.cell, units, observation_size, input, cell_product(units)};
  }

  void normalise_inputs(int inputs) { layout_.input_norm = batch_norm(inputs); }

  void add_layer(int inputs, int outputs, Activation activation, bool is_hidden) {
    const std::size_t index = layout_.layers.size();
    LinearLayout layer{inputs, outputs, 0, 0, activation, is_hidden && options_.layer_norm};
    if (index == options_.action_layer) layer.inputs += options_.action_inputs;
    place(layer);
    if (layer.layer_norm) {
      layer.norm_weight_offset = parameters_.take(outputs);
      layer.norm_bias_offset = parameters_.take(outputs);
    }
    const bool sees_no_action = options_.action_inputs == 0 || index < options_.action_layer;
    if (is_hidden && sees_no_action && options_.batch_norm) layer.batch_norm = batch_norm(outputs);
    layout_.layers.push_back(layer);
  }

  NetworkLayout finish() {
    layout_.action_inputs = options_.action_inputs;
    layout_.action_layer = options_.action_layer;
    layout_.networks = options_.networks;
    layout_.network_floats = parameters_.end;
    layout_.stride = options_.networks * layout_.network_floats;
    layout_.network_statistics = statistics_.end;
    layout_.statistics_stride = options_.networks * layout_.network_statistics;
    return layout_;
  }

 private:
  void place(LinearLayout& product) {
    product.weight_offset =
        parameters_.take(static_cast<std::int64_t>(product.inputs) * product.outputs);
    product.bias_offset = parameters_.take(product.outputs);
  }

  LinearLayout cell_product(int inputs) {
    LinearLayout product{inputs, gate_count(options_.cell) * options_.recurrent_units, 0, 0,
                         Activation::identity};
    place(product);
    return product;
  }

  BatchNormLayout batch_norm(int features) {
    return {features,
            options_.batch_norm_momentum,
            parameters_.take(features),
            parameters_.take(features),
            statistics_.take(features),
            statistics_.take(features)};
  }

  NetworkOptions options_;
  NetworkLayout layout_{};
  Places parameters_, statistics_;
};

}  // namespace

NetworkLayout make_network_layout(int inputs, std::span<const int> hidden, int outputs,
                                  Activation hidden_activation, Activation output_activation,
                                  const NetworkOptions& options) {
  LayoutBuilder builder(options);
  int width = inputs;
  if (options.cell != PolicyKind::feed_forward) {
    builder.add_cell(inputs);
    width += options.recurrent_units;
  }
  if (options.batch_norm) builder.normalise_inputs(inputs);
  for (const int next : hidden) {
    builder.add_layer(width, next, hidden_activation, true);
    width = next;
  }
  builder.add_layer(width, outputs, output_activation, false);
  return builder.finish();
}

std::vector<ParameterMatrix> parameter_matrices(const NetworkLayout& layout) {
  std::vector<ParameterMatrix> matrices;
  const auto add_vector = [&](std::int64_t offset, std::int64_t count) {
    matrices.push_back({offset, count, 1, 0});
  };
  const auto add_batch_norm = [&](const std::optional<BatchNormLayout>& norm) {
    if (!norm) return;
    add_vector(norm->weight_offset, norm->features);
    add_vector(norm->bias_offset, norm->features);
  };
  for (std::size_t i = 0; i < layout.linear_count(); ++i) {
    const LinearLayout& layer = layout.linear(i);
    matrices.push_back({layer.weight_offset, layer.outputs, layer.inputs, 0});
    add_vector(layer.bias_offset, layer.outputs);
    if (layer.layer_norm) {
      add_vector(layer.norm_weight_offset, layer.outputs);
      add_vector(layer.norm_bias_offset, layer.outputs);
    }
    add_batch_norm(layer.batch_norm);
  }
  add_batch_norm(layout.input_norm);
  std::sort(matrices.begin(), matrices.end(),
            [](const auto& one, const auto& other) { return one.offset < other.offset; });
  std::int64_t tile = 0;
  for (ParameterMatrix& matrix : matrices) {
    matrix.first_tile = tile;
    tile += TileOrder::tiles(matrix.rows, matrix.columns);
  }
  return matrices;
}

std::int64_t tile_count(std::span<const ParameterMatrix> matrices) {
  const ParameterMatrix& last = matrices.back();
  return last.first_tile + TileOrder::tiles(last.rows, last.columns);
}

NetworkLayout actor_layout(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  return make_network_layout(environment.observation_size, config.actor_hidden,
                             environment.action_size, config.activation, Activation::tanh,
                             {.layer_norm = config.layer_norm,
                              .batch_norm = config.batch_norm,
                              .batch_norm_momentum = config.batch_norm_momentum,
                              .cell = config.policy,
                              .recurrent_units = config.recurrent_units,
                              .history_inputs = environment.action_size + 1});
}

NetworkLayout critic_layout(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  return make_network_layout(environment.observation_size, config.critic_hidden, 1,
                             config.activation, Activation::identity,
                             {.action_inputs = environment.action_size,
                              .action_layer = static_cast<std::size_t>(config.critic_action_layer),
                              .networks = config.twin_critics ? 2 : 1,
                              .layer_norm = config.layer_norm,
                              .batch_norm = config.batch_norm,
                              .batch_norm_momentum = config.batch_norm_momentum,
                              .cell = config.policy,
                              .recurrent_units = config.recurrent_units,
                              .history_inputs = environment.action_size + 1});
}

int recurrent_state_floats(const Config& config) {
  if (!is_recurrent(config)) return 0;
  const int networks = stores_states(config) ? 1 + critic_layout(config).networks : 1;
  return networks * actor_layout(config).cell->state_floats();
}

RowLayout row_layout(const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  return {environment.observation_size, environment.action_size,
          stores_states(config) ? recurrent_state_floats(config) : 0};
}

}  // namespace polyak
