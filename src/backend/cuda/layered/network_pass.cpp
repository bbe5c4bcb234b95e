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
    batch_norms.emplace_back();
    if (layout.layers[i].batch_norm) {
      batch_norms.back() = {agents, rows, width, direction, purpose, budget};
    }
    if (direction == Direction::forward_only) continue;
    gradients.emplace_back(agents, rows, width, purpose, budget);
    if (!layout.layers[i].layer_norm) continue;
    normalised.emplace_back(agents, rows, width, purpose, budget);
    inverse_deviations.emplace_back(agents, rows, 1, purpose, budget);
  }
  if (!layout.input_norm) return;
  const int features = layout.input_norm->features;
  input_norm = {agents, rows, features, direction, purpose, budget};
  input = BatchMatrix(agents, rows, layout.layers.front().inputs, purpose, budget);
  if (direction == Direction::forward_only) return;
  input_gradient = BatchMatrix(agents, rows, features, purpose, budget);
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
  if (layout.input_norm) {
    input_norm_.emplace(layout, *layout.input_norm, Activation::identity, agents, rows_,
                        std::move(hidden_.input_norm));
  }
  for (std::size_t i = 0; i < layout.layers.size(); ++i) {
    batch_norms_.emplace_back();
    const LinearLayout& layer = layout.layers[i];
    if (!layer.batch_norm) continue;
    batch_norms_.back().emplace(layout, *layer.batch_norm, layer.activation, agents, rows_,
                                std::move(hidden_.batch_norms[i]));
  }
}

void NetworkPass::forward(const float* parameters, const NormStatistics& statistics,
                          kernels::ConstMatrices input, kernels::Matrices output) const {
  const ForwardPass pass = {*this, parameters, input, output, statistics};
  forward_together({&pass, 1});
}

void forward_together(std::span<const ForwardPass> passes) {
  const LinearOperations& operations = passes.front().network.operations_;
  std::vector<kernels::CopyColumns> copies;
  std::vector<CellPass::Operands> cells;
  std::vector<kernels::BatchNormForward> input_norms;
  for (const ForwardPass& pass : passes) {
    if (pass.network.cell_) cells.push_back({*pass.network.cell_, pass.parameters, pass.input});
    if (pass.network.copies_inputs()) copies.push_back(pass.network.copied_inputs(pass));
    if (pass.network.input_norm_) input_norms.push_back(pass.network.forward_input_norm(pass));
  }
  check(kernels::launch_copy_columns(copies, operations.stream()), "launch_copy_columns");
  check(kernels::launch_batch_norm_forward(input_norms, operations.stream()),
        "launch_batch_norm_forward");
  CellPass::copy_inputs_together(cells);
  CellPass::forward_together(cells);
  for (std::size_t index = 0;; ++index) {
    std::vector<kernels::LinearForward> layers;
    std::vector<kernels::LayerNormForward> norms;
    std::vector<kernels::BatchNormForward> batch_norms;
    for (const ForwardPass& pass : passes) {
      const NetworkPass& network = pass.network;
      if (index >= network.layout_.layers.size()) continue;
      layers.push_back(network.forward_layer(index, pass));
      if (network.layout_.layers[index].layer_norm) {
        norms.push_back(network.forward_norm(index, pass));
      }
      if (network.batch_norms_[index]) {
        batch_norms.push_back(network.forward_batch_norm(index, pass));
      }
    }
    if (layers.empty()) return;
    operations.forward(layers);
    check(kernels::launch_layer_norm_forward(norms, operations.stream()),
          "launch_layer_norm_forward");
    check(kernels::launch_batch_norm_forward(batch_norms, operations.stream()),
          "launch_batch_norm_forward");
  }
}

void backward_together(std::span<const BackwardPass> passes, std::size_t first_layer) {
  const NetworkPass& first = passes.front().network;
  for (std::size_t index = first.layout_.layers.size() - 1; index > first_layer; --index) {
    std::vector<kernels::LinearBackwardInput> layers;
    std::vector<kernels::LayerNormBackward> norms;
    std::vector<kernels::BatchNormBackward> batch_norms;
    for (const BackwardPass& pass : passes) {
      layers.push_back(pass.network.backward_layer(index, pass));
      if (first.layout_.layers[index - 1].layer_norm) {
        norms.push_back(pass.network.backward_norm(index - 1, pass));
      }
      if (const auto& norm = pass.network.batch_norms_[index - 1]) {
        batch_norms.push_back(norm->backward(
            pass.parameters, pass.network.hidden_.gradients[index - 1].view(), pass.gradient));
      }
    }
    first.operations_.backward_input(layers);
    check(kernels::launch_layer_norm_backward(norms, first.operations_.stream()),
          "launch_layer_norm_backward");
    check(kernels::launch_batch_norm_backward(batch_norms, first.operations_.stream()),
          "launch_batch_norm_backward");
  }
}

void backward_input_norms(std::span<const BackwardPass> passes) {
  std::vector<kernels::LinearBackwardInput> layers;
  std::vector<kernels::BatchNormBackward> norms;
  for (const BackwardPass& pass : passes) {
    const NetworkPass& network = pass.network;
    if (!network.input_norm_) continue;
    const kernels::Matrices gradient = network.hidden_.input_gradient.view();
    layers.push_back(
        network.backward_to_first(pass, network.layout_.input_norm->features, gradient));
    norms.push_back(network.input_norm_->backward(pass.parameters, gradient, pass.gradient));
    if (network.batch_norms_.front()) {
      norms.back().bias_gradient = network.input_norm_->taken_out();
    }
  }
  if (norms.empty()) return;
  const LinearOperations& operations = passes.front().network.operations_;
  operations.backward_input(layers);
  check(kernels::launch_batch_norm_backward(norms, operations.stream()),
        "launch_batch_norm_backward");
}

void backward_cells_together(std::span<const BackwardPass> passes, const float* weights) {
  std::vector<CellPass::Operands> cells;
  std::vector<kernels::LinearBackwardInput> layers;
  for (const BackwardPass& pass : passes) {
    if (!pass.network.cell_) continue;
    cells.push_back({*pass.network.cell_, pass.parameters, pass.input});
    layers.push_back(pass.network.backward_to_first(pass, pass.network.layout_.cell->units,
                                                    pass.network.cell_->hidden_gradient()));
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
          .activation = layer.product_activation(),
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
          .bias_gradient = layer.batch_norm ? batch_norms_[index]->taken_out()
                                            : kernels::Vectors{pass.gradient + layer.bias_offset,
                                                               layout_.stride},
          .workspace = nullptr};
}

kernels::LinearBackwardInput NetworkPass::backward_to_first(const BackwardPass& pass, int inputs,
                                                            kernels::Matrices gradient) const {
  const LinearLayout& layer = layout_.layers.front();
  return {.agents = agents_,
          .batch = learned_rows_,
          .inputs = inputs,
          .outputs = layer.outputs,
          .activation = Activation::identity,
          .output_gradient = gradient_of(0, pass.output_gradient),
          .weight = weight(layer, pass.parameters),
          .input = {},
          .input_gradient = gradient};
}

bool NetworkPass::copies_inputs() const {
  if (layout_.late_inputs > 0) return true;
  return layout_.input_norm && layout_.input_norm->features < layout_.layers.front().inputs;
}

kernels::CopyColumns NetworkPass::copied_inputs(const ForwardPass& pass) const {
  const bool late = layout_.late_inputs > 0;
  const int columns =
      late ? layout_.late_inputs : layout_.layers.front().inputs - layout_.input_norm->features;
  kernels::ConstMatrices source = pass.input;
  source.data += layout_.inputs() - columns;
  const std::size_t before = late ? layout_.late_layer - 1 : 0;
  return {.agents = agents_,
          .rows = rows_,
          .columns = columns,
          .source = source,
          .target = late ? hidden_.outputs[before].columns_from(layout_.layers[before].outputs)
                         : hidden_.input.columns_from(layout_.input_norm->features)};
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
