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
    outputs.emplace_back(agents, rows, layout.layers[i + 1].inputs, purpose, budget);
    layer_norms.emplace_back();
    batch_norms.emplace_back();
    if (layout.layers[i].layer_norm) {
      layer_norms.back() = {agents, rows, width, direction, purpose, budget};
    }
    if (layout.layers[i].batch_norm) {
      batch_norms.back() = {agents, rows, width, direction, purpose, budget};
    }
    if (direction == Direction::forward_only) continue;
    gradients.emplace_back(agents, rows, width, purpose, budget);
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
      learned_steps_(shape.learned_steps),
      hidden_(std::move(hidden)),
      operations_(operations) {
  if (layout.cell) cell_.emplace(layout, agents, shape, std::move(hidden_.cell), operations);
  if (layout.input_norm) {
    input_norm_.emplace(layout, *layout.input_norm, Activation::identity, agents, rows_,
                        std::move(hidden_.input_norm));
  }
  for (std::size_t i = 0; i < layout.layers.size(); ++i) {
    layer_norms_.emplace_back();
    batch_norms_.emplace_back();
    const LinearLayout& layer = layout.layers[i];
    if (layer.layer_norm) {
      layer_norms_.back().emplace(layout, layer, agents, shape, std::move(hidden_.layer_norms[i]));
    }
    if (layer.batch_norm) {
      batch_norms_.back().emplace(layout, *layer.batch_norm, layer.activation, agents, rows_,
                                  std::move(hidden_.batch_norms[i]));
    }
  }
}

void NetworkPass::forward(std::span<const ForwardPass> passes) {
  const LinearOperations& operations = passes.front().network.operations_;
  const cudaStream_t stream = operations.stream();
  std::vector<kernels::CopyColumns> copies;
  std::vector<CellPass::Operands> cells;
  std::vector<kernels::BatchNormForward> input_norms;
  for (const ForwardPass& pass : passes) {
    const NetworkPass& network = pass.network;
    if (network.cell_) cells.push_back({*network.cell_, pass.parameters, pass.input});
    if (network.copies_inputs()) copies.push_back(network.copied_inputs(pass));
    if (network.input_norm_) {
      input_norms.push_back(network.input_norm_->forward(pass.parameters, pass.statistics,
                                                         pass.input, network.hidden_.input.view()));
    }
  }
  check(kernels::launch_copy_columns(copies, stream), "launch_copy_columns");
  check(kernels::launch_batch_norm_forward(input_norms, stream), "launch_batch_norm_forward");
  CellPass::copy_inputs(cells);
  CellPass::forward(cells);
  for (std::size_t index = 0;; ++index) {
    std::vector<kernels::LinearForward> layers;
    std::vector<kernels::LayerNormForward> layer_norms;
    std::vector<kernels::BatchNormForward> batch_norms;
    for (const ForwardPass& pass : passes) {
      const NetworkPass& network = pass.network;
      if (index >= network.layout_.layers.size()) continue;
      layers.push_back(network.forward_layer(index, pass));
      const kernels::StridedBatch values = layers.back().output;
      if (const auto& norm = network.layer_norms_[index]) {
        layer_norms.push_back(norm->forward(pass.parameters, values));
      }
      if (const auto& norm = network.batch_norms_[index]) {
        batch_norms.push_back(norm->forward(pass.parameters, pass.statistics, values, values));
      }
    }
    if (layers.empty()) return;
    operations.forward(layers);
    check(kernels::launch_layer_norm_forward(layer_norms, stream), "launch_layer_norm_forward");
    check(kernels::launch_batch_norm_forward(batch_norms, stream), "launch_batch_norm_forward");
  }
}

void NetworkPass::backward_to_parameters(std::span<const BackwardPass> passes,
                                         const float* weights) {
  backward_to_layer(passes, 0);
  backward_input_norms(passes);
  backward_cells(passes, weights);
  std::vector<kernels::LinearBackwardWeight> products;
  for (const BackwardPass& pass : passes) {
    const NetworkPass& network = pass.network;
    if (network.cell_) network.cell_->append_weight_gradients(pass.input, pass.gradient, products);
    for (std::size_t index = 0; index < network.layout_.layers.size(); ++index) {
      products.push_back(network.weight_gradient(index, pass));
    }
  }
  passes.front().network.operations_.backward_weight(products);
}

void NetworkPass::backward_to_action(const BackwardPass& pass, const ActionOperands& action) {
  const NetworkPass& network = pass.network;
  const NetworkLayout& layout = network.layout_;
  backward_to_layer({&pass, 1}, layout.action_layer);
  const LinearLayout& layer = layout.layers[layout.action_layer];
  kernels::ConstStridedBatch weight_columns = network.weight(layer, pass.parameters);
  weight_columns.data += layer.inputs - layout.action_inputs;
  network.operations_.backward_input(
      {.agents = network.agents_,
       .batch = network.learned_rows_,
       .inputs = layout.action_inputs,
       .outputs = layer.outputs,
       .activation = action.activation,
       .output_gradient = network.gradient_of(layout.action_layer, pass),
       .weight = weight_columns,
       .input = action.action,
       .input_gradient = action.gradient});
}

/// The gradients of the sums of all layers from `first_layer` on, and of the parameters of the
/// normalisations on the way.
void NetworkPass::backward_to_layer(std::span<const BackwardPass> passes, std::size_t first_layer) {
  const NetworkPass& first = passes.front().network;
  const cudaStream_t stream = first.operations_.stream();
  for (std::size_t index = first.layout_.layers.size() - 1; index > first_layer; --index) {
    std::vector<kernels::LinearBackwardInput> layers;
    std::vector<kernels::LayerNormBackward> layer_norms;
    std::vector<kernels::BatchNormBackward> batch_norms;
    for (const BackwardPass& pass : passes) {
      const NetworkPass& network = pass.network;
      const kernels::StridedBatch gradient = network.hidden_.gradients[index - 1].view();
      layers.push_back(network.backward_layer(index, pass));
      if (const auto& norm = network.layer_norms_[index - 1]) {
        layer_norms.push_back(norm->backward(pass.parameters, gradient, pass.gradient));
      }
      if (const auto& norm = network.batch_norms_[index - 1]) {
        batch_norms.push_back(norm->backward(pass.parameters, gradient, pass.gradient));
      }
    }
    first.operations_.backward_input(layers);
    check(kernels::launch_layer_norm_backward(layer_norms, stream), "launch_layer_norm_backward");
    check(kernels::launch_batch_norm_backward(batch_norms, stream), "launch_batch_norm_backward");
  }
}

/// From layer 0 through the normalisations of the inputs, if there are any, to their parameters.
void NetworkPass::backward_input_norms(std::span<const BackwardPass> passes) {
  std::vector<kernels::LinearBackwardInput> layers;
  std::vector<kernels::BatchNormBackward> norms;
  for (const BackwardPass& pass : passes) {
    const NetworkPass& network = pass.network;
    if (!network.input_norm_) continue;
    const kernels::StridedBatch gradient = network.hidden_.input_gradient.view();
    layers.push_back(
        network.backward_to_first(pass, network.layout_.input_norm->features, gradient));
    norms.push_back(network.input_norm_->backward(pass.parameters, gradient, pass.gradient));
    if (network.batch_norms_.front()) {
      norms.back().bias_gradient = network.input_norm_->discarded_bias_gradient();
    }
  }
  if (norms.empty()) return;
  const LinearOperations& operations = passes.front().network.operations_;
  operations.backward_input(layers);
  check(kernels::launch_batch_norm_backward(norms, operations.stream()),
        "launch_batch_norm_backward");
}

/// From layer 0 through the cells, if there are any, and back in time.
void NetworkPass::backward_cells(std::span<const BackwardPass> passes, const float* weights) {
  std::vector<CellPass::Operands> cells;
  std::vector<kernels::LinearBackwardInput> layers;
  for (const BackwardPass& pass : passes) {
    const NetworkPass& network = pass.network;
    if (!network.cell_) continue;
    cells.push_back({*network.cell_, pass.parameters, pass.input});
    layers.push_back(network.backward_to_first(pass, network.layout_.cell->units,
                                               network.cell_->hidden_gradient()));
  }
  if (cells.empty()) return;
  passes.front().network.operations_.backward_input(layers);
  CellPass::backward(cells, weights);
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
          .inputs = layout_.layers[index - 1].outputs,
          .outputs = layer.outputs,
          .activation = layout_.layers[index - 1].activation,
          .output_gradient = gradient_of(index, pass),
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
          .output_gradient = gradient_of(index, pass),
          .input = layer_input(index, pass.input),
          .weight_gradient = {pass.gradient + layer.weight_offset, layer.inputs, layout_.stride},
          .bias_gradient =
              layer.batch_norm
                  ? batch_norms_[index]->discarded_bias_gradient()
                  : kernels::VectorBatch{pass.gradient + layer.bias_offset, layout_.stride},
          .workspace = nullptr,
          .steps = learned_steps_};
}

kernels::LinearBackwardInput NetworkPass::backward_to_first(const BackwardPass& pass, int inputs,
                                                            kernels::StridedBatch gradient) const {
  const LinearLayout& layer = layout_.layers.front();
  return {.agents = agents_,
          .batch = learned_rows_,
          .inputs = inputs,
          .outputs = layer.outputs,
          .activation = Activation::identity,
          .output_gradient = gradient_of(0, pass),
          .weight = weight(layer, pass.parameters),
          .input = {},
          .input_gradient = gradient};
}

bool NetworkPass::copies_inputs() const {
  if (layout_.action_layer > 0) return true;
  return layout_.input_norm && layout_.action_inputs > 0;
}

kernels::CopyColumns NetworkPass::copied_inputs(const ForwardPass& pass) const {
  kernels::ConstStridedBatch source = pass.input;
  source.data += layout_.inputs() - layout_.action_inputs;
  const std::size_t before = layout_.action_layer - 1;
  return {.agents = agents_,
          .rows = rows_,
          .columns = layout_.action_inputs,
          .source = source,
          .target = layout_.action_layer > 0
                        ? hidden_.outputs[before].columns_from(layout_.layers[before].outputs)
                        : hidden_.input.columns_from(layout_.input_norm->features)};
}

}  // namespace polyak::cuda
