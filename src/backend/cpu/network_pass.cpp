#include "backend/cpu/network_pass.hpp"

#include <algorithm>

#include "backend/cpu/linear_product.hpp"
#include "backend/cpu/vector_math.hpp"

namespace polyak::cpu {
namespace {

/// delta <- delta * activation'(output) for one chunk of [features, columns].
template <Activation activation>
void scale_by_derivative(const PanelMatrix& output, PanelMatrix& delta, Chunk chunk) {
  for (std::ptrdiff_t column = 0; column < chunk.count; column += panel_columns) {
    const float* const y = output.panel_at(chunk.begin + column);
    float* const values = delta.panel_at(chunk.begin + column);
    for (std::ptrdiff_t i = 0; i < delta.panel_floats(); i += lanes) {
      store(values + i, load(values + i) * derivative<activation>(load(y + i)));
    }
  }
}

void scale_by_derivative(Activation activation, const PanelMatrix& output, PanelMatrix& delta,
                         Chunk chunk) {
  switch (activation) {
    case Activation::relu:
      return scale_by_derivative<Activation::relu>(output, delta, chunk);
    case Activation::tanh:
      return scale_by_derivative<Activation::tanh>(output, delta, chunk);
    case Activation::elu:
      return scale_by_derivative<Activation::elu>(output, delta, chunk);
    case Activation::identity:
      return;
  }
}

}  // namespace

NetworkPass::NetworkPass(const NetworkLayout& layout, const BatchShape& shape)
    : layout_(layout), shape_(shape), columns_(shape.columns()) {
  if (layout.cell) cell_.emplace(layout, shape);
  for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
    const LinearLayout& layer = layout_.layers[i];
    const bool is_last = i + 1 == layout_.layers.size();
    const int rows = is_last ? layer.outputs : layout_.layers[i + 1].inputs;
    outputs_.emplace_back(rows, columns_);
    deltas_.emplace_back(rows, columns_);
    norms_.emplace_back(layer, shape);
    batch_norms_.emplace_back();
    if (layer.batch_norm) batch_norms_.back().emplace(*layer.batch_norm, layer.activation, shape);
  }
  if (layout.input_norm) {
    input_norm_.emplace(InputNorm{BatchNormPass(*layout.input_norm, Activation::identity, shape),
                                  PanelMatrix(layout.layers.front().inputs, columns_),
                                  PanelMatrix(layout.input_norm->features, columns_)});
  }
  for (std::size_t i = 0; i < layout_.linear_count(); ++i) {
    const LinearLayout& product = layout_.linear(i);
    transposed_inputs_.emplace_back(columns_, product.inputs);
    weight_gradients_.emplace_back(
        static_cast<std::size_t>(product.outputs * round_up(product.inputs, lanes)));
    bias_gradients_.emplace_back(static_cast<std::size_t>(product.outputs));
  }
}

void NetworkPass::forward(const float* parameters, const NormStatistics& statistics,
                          const PanelMatrix& input, Chunk chunk) {
  if (layout_.action_layer > 0) copy_action(input, chunk);
  if (cell_) {
    cell_->copy_inputs(input, chunk);
    cell_->forward(parameters, input, chunk);
  }
  if (input_norm_) normalise_input(parameters, statistics, input, chunk);
  const PanelMatrix* layer_input = &first_input(input);
  for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
    const LinearLayout& layer = layout_.layers[i];
    ProductArguments product = forward_product(layer, parameters, *layer_input, outputs_[i],
                                               chunk.begin, product_columns(chunk));
    product.activation = layer.product_activation();
    matrix_product(product);
    if (layer.layer_norm) norms_[i].forward(parameters, outputs_[i], chunk);
    if (layer.batch_norm) batch_norms_[i]->forward(parameters, statistics, outputs_[i], chunk);
    layer_input = &outputs_[i];
  }
}

/// Those of a chunk that are in the batch, in fours.
std::ptrdiff_t NetworkPass::product_columns(Chunk chunk) const {
  return round_up(std::min(chunk.count, shape_.used_columns() - chunk.begin), 4);
}

const PanelMatrix& NetworkPass::first_input(const PanelMatrix& input) const {
  if (cell_) return cell_->output();
  return input_norm_ ? input_norm_->values : input;
}

void NetworkPass::normalise_input(const float* parameters, const NormStatistics& statistics,
                                  const PanelMatrix& input, Chunk chunk) {
  PanelMatrix& values = input_norm_->values;
  for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count;
       column += panel_columns) {
    std::copy_n(input.panel_at(column), values.panel_floats(), values.panel_at(column));
  }
  input_norm_->pass.forward(parameters, statistics, values, chunk);
}

/// An action that does not enter at layer 0, to where its layer reads it.
void NetworkPass::copy_action(const PanelMatrix& input, Chunk chunk) {
  const int first = layout_.inputs() - layout_.action_inputs;
  PanelMatrix& joined = outputs_[layout_.action_layer - 1];
  const int own_rows = layout_.layers[layout_.action_layer - 1].outputs;
  for (int row = 0; row < layout_.action_inputs; ++row) {
    for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count; ++column) {
      joined(own_rows + row, column) = input(first + row, column);
    }
  }
}

void NetworkPass::backward_to_parameters(const float* parameters, const PanelMatrix& input,
                                         const float* weights, Chunk chunk) {
  backward_to_layer(parameters, 0, chunk);
  if (input_norm_) {
    input_gradient(parameters, 0, 0, input_norm_->deltas, chunk);
    input_norm_->pass.backward(parameters, input_norm_->deltas);
    // As any bias before a normalised layer (tile_gradient).
    if (layout_.layers.front().batch_norm) input_norm_->pass.clear_bias_gradient();
  }
  if (cell_) {
    input_gradient(parameters, 0, 0, cell_->hidden_delta(), chunk);
    cell_->backward(parameters, weights, chunk);
  }
  transpose_inputs(input, chunk);
}

void NetworkPass::backward_to_action(const float* parameters, PanelMatrix& gradient, Chunk chunk) {
  const std::size_t layer = layout_.action_layer;
  backward_to_layer(parameters, layer, chunk);
  input_gradient(parameters, layer, layout_.layers[layer].inputs - layout_.action_inputs, gradient,
                 chunk);
}

/// From dLoss/dOutput to the gradient of the sums of layer `first_layer`.
void NetworkPass::backward_to_layer(const float* parameters, std::size_t first_layer, Chunk chunk) {
  const std::size_t last = layout_.layers.size() - 1;
  scale_by_derivative(layout_.layers[last].activation, outputs_[last], deltas_[last], chunk);
  for (std::size_t i = last; i > first_layer; --i) {
    const LinearLayout& before = layout_.layers[i - 1];
    ProductArguments product = backward_product(layout_.layers[i], parameters, 0, before.outputs,
                                                {deltas_[i], chunk.begin}, deltas_[i - 1],
                                                chunk.begin, product_columns(chunk));
    product.activation = before.activation;
    product.outputs = outputs_[i - 1].panel_at(chunk.begin);
    matrix_product(product);
    if (before.layer_norm) norms_[i - 1].backward(parameters, deltas_[i - 1], chunk);
    if (before.batch_norm) batch_norms_[i - 1]->backward(parameters, deltas_[i - 1]);
  }
}

/// dLoss/dInput of the inputs of a layer from `first_row` on, as many as `gradient` has rows.
void NetworkPass::input_gradient(const float* parameters, std::size_t layer, int first_row,
                                 PanelMatrix& gradient, Chunk chunk) {
  matrix_product(backward_product(layout_.layers[layer], parameters, first_row, gradient.features(),
                                  {deltas_[layer], chunk.begin}, gradient, chunk.begin,
                                  product_columns(chunk)));
}

}  // namespace polyak::cpu
