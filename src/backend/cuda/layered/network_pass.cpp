#include "backend/cuda/layered/network_pass.hpp"

#include <utility>

#include "backend/cuda/device/check.hpp"

namespace polyak::cuda {
HiddenLayers::HiddenLayers(const NetworkLayout& layout, int agents, const StepShape& shape,
                           Direction direction, std::string_view purpose, MemoryBudget& budget) {
  if (layout.cell) cell = CellBuffers(layout, agents, shape, direction, purpose, budget);
  const int rows = shape.rows();
  for (std::size_t i = 0; i + 1 < layout.layers.size(); ++i) {
    const int width = layout.layers[i].outputs;
    const int late = layout.layers[i + 1].inputs - layout.early_inputs(i + 1);
    outputs.emplace_back(agents, rows, width + late, purpose, budget);
    if (direction == Direction::forward_only) continue;
    gradients.emplace_back(agents, rows, width, purpose, budget);
    if (!layout.layers[i].layer_norm) continue;
    normalised.emplace_back(agents, rows, width, purpose, budget);
    inverse_deviations.emplace_back(agents, rows, 1, purpose, budget);
  }
}

NetworkPass::NetworkPass(const NetworkLayout& layout, int agents, const StepShape& shape,
                         HiddenLayers hidden, const LinearOperations& operations)
    : layout_(layout),
      agents_(agents),
      rows_(shape.rows()),
      learned_rows_(shape.learned_rows()),
      hidden_(std::move(hidden)),
      operations_(operations) {
  if (layout.cell) cell_.emplace(layout, agents, shape, std::move(hidden_.cell), operations);
}

void NetworkPass::forward(const float* parameters, kernels::ConstMatrices input,
                          kernels::Matrices output) const {
  const ForwardPass pass = {*this, parameters, input, output};
  forward_together({&pass, 1});
}

void forward_together(std::span<const ForwardPass> passes) {
  const LinearOperations& operations = passes.front().network.operations_;
  std::vector<kernels::CopyColumns> copies;
  std::vector<CellPass::Operands> cells;
  for (const ForwardPass& pass : passes) {
    if (pass.network.cell_) cells.push_back({*pass.network.cell_, pass.parameters, pass.input});
    if (pass.network.layout_.late_inputs > 0) copies.push_back(pass.network.late_inputs(pass));
  }
  check(kernels::launch_copy_columns(copies, operations.stream()), "launch_copy_columns");
  CellPass::forward_together(cells);
  for (std::size_t index = 0;; ++index) {
    std::vector<kernels::LinearForward> layers;
    std::vector<kernels::LayerNormForward> norms;
    for (const ForwardPass& pass : passes) {
      const NetworkPass& network = pass.network;
      if (index >= network.layout_.layers.size()) continue;
      layers.push_back(network.forward_layer(index, pass));
      if (network.layout_.layers[index].layer_norm) {
        norms.push_back(network.forward_norm(index, pass));
      }
    }
    if (layers.empty()) return;
    operations.forward(layers);
    check(kernels::launch_layer_norm_forward(norms, operations.stream()),
          "launch_layer_norm_forward");
  }
}

void backward_together(std::span<const BackwardPass> passes, std::size_t first_layer) {
  const NetworkPass& first = passes.front().network;
  for (std::size_t index = first.layout_.layers.size() - 1; index > first_layer; --index) {
    std::vector<kernels::LinearBackwardInput> layers;
    std::vector<kernels::LayerNormBackward> norms;
    for (const BackwardPass& pass : passes) {
      layers.push_back(pass.network.backward_layer(index, pass));
      if (first.layout_.layers[index - 1].layer_norm) {
        norms.push_back(pass.network.backward_norm(index - 1, pass));
      }
    }
    first.operations_.backward_input(layers);
    check(kernels::launch_layer_norm_backward(norms, first.operations_.stream()),
          "launch_layer_norm_backward");
  }
}

void backward_cells_together(std::span<const BackwardPass> passes, const float* weights) {
  std::vector<CellPass::Operands> cells;
  std::vector<kernels::LinearBackwardInput> layers;
  for (const BackwardPass& pass : passes) {
    if (!pass.network.cell_) continue;
    cells.push_back({*pass.network.cell_, pass.parameters, pass.input});
    layers.push_back(pass.network.backward_to_cell(pass));
  }
  if (cells.empty()) return;
  passes.front().network.operations_.backward_input(layers);
  CellPass::backward_together(cells, weights);
}

void parameter_gradients_together(std::span<const BackwardPass> passes) {
  std::vector<kernels::LinearBackwardWeight> layers;
  for (const BackwardPass& pass : passes) {
    if (pass.network.cell_) {
      for (const kernels::LinearBackwardWeight& product :
           pass.network.cell_->weight_gradients(pass.input, pass.gradient)) {
        layers.push_back(product);
      }
    }
    for (std::size_t index = 0; index < pass.network.layout_.layers.size(); ++index) {
      layers.push_back(pass.network.weight_gradient(index, pass));
    }
  }
  passes.front().network.operations_.backward_weight(layers);
}

kernels::LinearForward NetworkPass::forward_layer(std::size_t index,
                                                  const ForwardPass& pass) const {
  const LinearLayout& layer = layout_.layers[index];
  const bool last = index + 1 == layout_.layers.size();
  return {.agents = agents_,
          .batch = rows_,
          .inputs = layer.inputs,
          .outputs = layer.outputs,
          .activation = layer.layer_norm ? Activation::identity : layer.activation,
          .input = layer_input(index, pass.input),
          .weight = weight(layer, pass.parameters),
          .bias = {pass.parameters + layer.bias_offset, layout_.stride},
          .output = last ? pass.output : hidden_.outputs[index].view()};
}

kernels::LinearBackwardInput NetworkPass::backward_layer(std::size_t index,
                                                         const BackwardPass& pass) const {
  const LinearLayout& layer = layout_.layers[index];
  return {.agents = agents_,
          .batch = learned_rows_,
          .inputs = layout_.early_inputs(index),
          .outputs = layer.outputs,
          .activation = layout_.layers[index - 1].activation,
          .output_gradient = gradient_of(index, pass.output_gradient),
          .weight = weight(layer, pass.parameters),
          .input = hidden_.outputs[index - 1].view(),
          .input_gradient = hidden_.gradients[index - 1].view()};
}

kernels::LinearBackwardWeight NetworkPass::weight_gradient(std::size_t index,
                                                           const BackwardPass& pass) const {
  const LinearLayout& layer = layout_.layers[index];
  return {.agents = agents_,
          .batch = learned_rows_,
          .inputs = layer.inputs,
          .outputs = layer.outputs,
          .output_gradient = gradient_of(index, pass.output_gradient),
          .input = layer_input(index, pass.input),
          .weight_gradient = {pass.gradient + layer.weight_offset, layer.inputs, layout_.stride},
          .bias_gradient = {pass.gradient + layer.bias_offset, layout_.stride},
          .workspace = nullptr};
}

kernels::LinearBackwardInput NetworkPass::backward_to_cell(const BackwardPass& pass) const {
  const LinearLayout& layer = layout_.layers.front();
  return {.agents = agents_,
          .batch = learned_rows_,
          .inputs = layout_.cell->units,
          .outputs = layer.outputs,
          .activation = Activation::identity,
          .output_gradient = gradient_of(0, pass.output_gradient),
          .weight = weight(layer, pass.parameters),
          .input = {},
          .input_gradient = cell_->hidden_gradient()};
}

kernels::LayerNorm NetworkPass::layer_norm(std::size_t index, const float* parameters) const {
  const LinearLayout& layer = layout_.layers[index];
  return {.agents = agents_,
          .rows = rows_,
          .columns = layer.outputs,
          .activation = layer.activation,
          .weight = {parameters + layer.norm_weight_offset, layout_.stride},
          .bias = {parameters + layer.norm_bias_offset, layout_.stride}};
}

kernels::LayerNormForward NetworkPass::forward_norm(std::size_t index,
                                                    const ForwardPass& pass) const {
  kernels::LayerNormForward norm{};
  norm.layer = layer_norm(index, pass.parameters);
  norm.value = hidden_.outputs[index].view();
  if (hidden_.normalised.empty()) return norm;
  const kernels::Matrices deviations = hidden_.inverse_deviations[index].view();
  norm.normalised = hidden_.normalised[index].view();
  norm.inverse_deviation = {deviations.data, deviations.agent_stride};
  return norm;
}

kernels::LayerNormBackward NetworkPass::backward_norm(std::size_t index,
                                                      const BackwardPass& pass) const {
  const LinearLayout& layer = layout_.layers[index];
  const kernels::Matrices deviations = hidden_.inverse_deviations[index].view();
  kernels::LayerNormBackward norm{};
  norm.layer = layer_norm(index, pass.parameters);
  norm.layer.rows = learned_rows_;
  norm.gradient = hidden_.gradients[index].view();
  norm.normalised = hidden_.normalised[index].view();
  norm.inverse_deviation = {deviations.data, deviations.agent_stride};
  if (pass.gradient == nullptr) return norm;
  norm.weight_gradient = {pass.gradient + layer.norm_weight_offset, layout_.stride};
  norm.bias_gradient = {pass.gradient + layer.norm_bias_offset, layout_.stride};
  return norm;
}

kernels::CopyColumns NetworkPass::late_inputs(const ForwardPass& pass) const {
  kernels::ConstMatrices source = pass.input;
  source.data += layout_.inputs() - layout_.late_inputs;
  const std::size_t before = layout_.late_layer - 1;
  return {.agents = agents_,
          .rows = rows_,
          .columns = layout_.late_inputs,
          .source = source,
          .target = hidden_.outputs[before].columns_from(layout_.layers[before].outputs)};
}

void NetworkPass::input_gradient(const float* parameters, kernels::ConstMatrices output_gradient,
                                 int columns, Activation activation, kernels::ConstMatrices input,
                                 kernels::Matrices gradient) const {
  const LinearLayout& layer = layout_.layers[layout_.late_layer];
  kernels::ConstMatrices weight_columns = weight(layer, parameters);
  weight_columns.data += layer.inputs - columns;
  operations_.backward_input({.agents = agents_,
                              .batch = learned_rows_,
                              .inputs = columns,
                              .outputs = layer.outputs,
                              .activation = activation,
                              .output_gradient = gradient_of(layout_.late_layer, output_gradient),
                              .weight = weight_columns,
                              .input = input,
                              .input_gradient = gradient});
}

}  // namespace polyak::cuda
