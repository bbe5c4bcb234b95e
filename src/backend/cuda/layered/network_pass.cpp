#include "backend/cuda/layered/network_pass.hpp"

#include <algorithm>
#include <utility>

namespace polyak::cuda {
namespace {

std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace

BatchMatrix::BatchMatrix(int agents, std::int64_t rows, int columns, std::string_view purpose,
                         MemoryBudget& budget)
    : leading_dimension_(columns <= 2 ? std::max(columns, 1) : round_up(columns, 4)),
      agent_stride_(round_up(rows * leading_dimension_, parameter_alignment)) {
  buffer_ = budget.buffer<float>(agents * agent_stride_, purpose);
}

HiddenLayers::HiddenLayers(const NetworkLayout& layout, int agents, std::int64_t rows,
                           Direction direction, std::string_view purpose, MemoryBudget& budget) {
  for (std::size_t i = 0; i + 1 < layout.layers.size(); ++i) {
    const int width = layout.layers[i].outputs;
    outputs.emplace_back(agents, rows, width, purpose, budget);
    if (direction == Direction::both) gradients.emplace_back(agents, rows, width, purpose, budget);
  }
}

NetworkPass::NetworkPass(const NetworkLayout& layout, int agents, int rows, HiddenLayers hidden,
                         const LinearOperations& operations)
    : layout_(layout),
      agents_(agents),
      rows_(rows),
      hidden_(std::move(hidden)),
      operations_(operations) {}

void NetworkPass::forward(const float* parameters, kernels::ConstMatrices input,
                          kernels::Matrices output) const {
  forward_together({{*this, parameters, input, output}});
}

void forward_together(std::initializer_list<ForwardPass> passes) {
  for (std::size_t index = 0;; ++index) {
    std::vector<kernels::LinearForward> layers;
    for (const ForwardPass& pass : passes) {
      if (index >= pass.network.layout_.layers.size()) continue;
      layers.push_back(pass.network.forward_layer(index, pass));
    }
    if (layers.empty()) return;
    passes.begin()->network.operations_.forward(layers);
  }
}

kernels::LinearForward NetworkPass::forward_layer(std::size_t index,
                                                  const ForwardPass& pass) const {
  const LinearLayout& layer = layout_.layers[index];
  const bool first = index == 0, last = index + 1 == layout_.layers.size();
  return {.agents = agents_,
          .batch = rows_,
          .inputs = layer.inputs,
          .outputs = layer.outputs,
          .activation = layer.activation,
          .input = first ? pass.input : hidden_.outputs[index - 1].view(),
          .weight = weight(layer, pass.parameters),
          .bias = {pass.parameters + layer.bias_offset, layout_.stride},
          .output = last ? pass.output : hidden_.outputs[index].view()};
}

void NetworkPass::backward_hidden(const float* parameters,
                                  kernels::ConstMatrices output_gradient) const {
  for (std::size_t i = layout_.layers.size() - 1; i > 0; --i) {
    const LinearLayout& layer = layout_.layers[i];
    operations_.backward_input({.agents = agents_,
                                .batch = rows_,
                                .inputs = layer.inputs,
                                .outputs = layer.outputs,
                                .activation = layout_.layers[i - 1].activation,
                                .output_gradient = gradient_of(i, output_gradient),
                                .weight = weight(layer, parameters),
                                .input = hidden_.outputs[i - 1].view(),
                                .input_gradient = hidden_.gradients[i - 1].view()});
  }
}

void NetworkPass::parameter_gradient(kernels::ConstMatrices input,
                                     kernels::ConstMatrices output_gradient,
                                     float* gradient) const {
  std::vector<kernels::LinearBackwardWeight> layers;
  for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
    const LinearLayout& layer = layout_.layers[i];
    layers.push_back(
        {.agents = agents_,
         .batch = rows_,
         .inputs = layer.inputs,
         .outputs = layer.outputs,
         .output_gradient = gradient_of(i, output_gradient),
         .input = i == 0 ? input : hidden_.outputs[i - 1].view(),
         .weight_gradient = {gradient + layer.weight_offset, layer.inputs, layout_.stride},
         .bias_gradient = {gradient + layer.bias_offset, layout_.stride},
         .workspace = nullptr});
  }
  operations_.backward_weight(layers);
}

void NetworkPass::input_gradient(const float* parameters, kernels::ConstMatrices output_gradient,
                                 int first, int columns, Activation activation,
                                 kernels::ConstMatrices input, kernels::Matrices gradient) const {
  const LinearLayout& layer = layout_.layers.front();
  kernels::ConstMatrices weight_columns = weight(layer, parameters);
  weight_columns.data += first;
  operations_.backward_input({.agents = agents_,
                              .batch = rows_,
                              .inputs = columns,
                              .outputs = layer.outputs,
                              .activation = activation,
                              .output_gradient = gradient_of(0, output_gradient),
                              .weight = weight_columns,
                              .input = input,
                              .input_gradient = gradient});
}

}  // namespace polyak::cuda
