#include "backend/cpu/network_pass.hpp"

#include <algorithm>

#include "backend/cpu/column_sums.hpp"
#include "backend/cpu/linear_product.hpp"
#include "backend/cpu/transpose.hpp"
#include "backend/cpu/vector_math.hpp"

namespace polyak::cpu {
namespace {

constexpr int weight_tile_rows = 32;
static_assert(weight_tile_rows % TileOrder::tile_rows == 0);

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

/// Takes the padding out of [rows, padded_columns], in place.
void close_gaps(float* values, std::ptrdiff_t rows, std::ptrdiff_t columns,
                std::ptrdiff_t padded_columns) {
  if (columns == padded_columns) return;
  for (std::ptrdiff_t row = 1; row < rows; ++row) {
    std::copy_n(values + row * padded_columns, columns, values + row * columns);
  }
}

}  // namespace

std::vector<WeightTile> weight_tiles(const NetworkLayout& layout) {
  std::vector<WeightTile> tiles;
  for (std::size_t index = 0; index < layout.linear_count(); ++index) {
    const int rows = layout.linear(index).outputs;
    for (int row = 0; row < rows; row += weight_tile_rows) {
      tiles.push_back({index, row, std::min(rows, row + weight_tile_rows)});
    }
  }
  return tiles;
}

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
                                               chunk.begin, round_up(chunk.count, lanes));
    product.activation = layer.product_activation();
    matrix_product(product);
    if (layer.layer_norm) norms_[i].forward(parameters, outputs_[i], chunk);
    if (layer.batch_norm) batch_norms_[i]->forward(parameters, statistics, outputs_[i], chunk);
    layer_input = &outputs_[i];
  }
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
                                                chunk.begin, round_up(chunk.count, lanes));
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
                                  round_up(chunk.count, lanes)));
}

/// For tile_gradient(), whose product runs over columns: the inputs of all layers and of the cell.
void NetworkPass::transpose_inputs(const PanelMatrix& input, Chunk chunk) {
  const auto transpose = [&](const PanelMatrix& rows, std::size_t index) {
    const std::ptrdiff_t inputs = layout_.linear(index).inputs;
    PanelMatrix& transposed = transposed_inputs_[index];
    for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count;
         column += panel_columns) {
      const std::ptrdiff_t count = std::min(panel_columns, chunk.begin + chunk.count - column);
      for (std::ptrdiff_t first = 0; first < inputs; first += panel_columns) {
        transpose_chunk(rows.panel_at(column) + first * panel_columns, panel_columns,
                        std::min(panel_columns, inputs - first), count,
                        transposed.panel_at(first) + column * panel_columns, panel_columns);
      }
    }
  };
  const std::size_t layers = layout_.layers.size();
  for (std::size_t i = 0; i < layers; ++i) {
    transpose(i == 0 ? first_input(input) : outputs_[i - 1], i);
  }
  if (!cell_) return;
  transpose(input, layers);
  transpose(cell_->hidden_before(), layers + 1);
}

/// The gradient of the sums of linear(index): [outputs, columns].
const PanelMatrix& NetworkPass::delta(std::size_t index) const {
  if (index < deltas_.size()) return deltas_[index];
  return index == deltas_.size() ? cell_->input_sum_delta() : cell_->recurrent_sum_delta();
}

void NetworkPass::tile_gradient(const WeightTile& tile) {
  const LinearLayout& product = layout_.linear(tile.index);
  const std::ptrdiff_t rows = tile.row_end - tile.row_begin;
  const std::ptrdiff_t padded_inputs = round_up(product.inputs, lanes);
  const PanelMatrix& deltas = delta(tile.index);
  const PanelMatrix& transposed = transposed_inputs_[tile.index];
  // Tiles of other rows may be at work at the same time: this one has all the padding of its own.
  float* const gradient = weight_gradients_[tile.index].data() + tile.row_begin * padded_inputs;
  matrix_product({.rows = rows,
                  .columns = padded_inputs,
                  .depth = shape_.used_columns(),
                  .order = SumOrder::grouped,
                  .group_depth = shape_.group_columns(),
                  .a = deltas.panel_at(0) + tile.row_begin * panel_columns,
                  .a_row = panel_columns,
                  .a_column = 1,
                  .a_segment = panel_columns,
                  .a_segment_stride = deltas.panel_floats(),
                  .b = transposed.panel_at(0),
                  .b_panel = transposed.panel_floats(),
                  .bias = nullptr,
                  .c = gradient,
                  .c_row = padded_inputs,
                  .c_panel = panel_columns,
                  .activation = Activation::identity,
                  .outputs = nullptr});
  close_gaps(gradient, rows, product.inputs, padded_inputs);
  AlignedArray& biases = bias_gradients_[tile.index];
  if (product.batch_norm) {
    // The mean of a batch takes a bias before it out again: its gradient is zero, and the sum would
    // be rounding errors that Adam makes steps of.
    std::fill_n(biases.data() + tile.row_begin, rows, 0.0f);
  } else {
    sum_columns(deltas, shape_, tile.row_begin, tile.row_end, biases.data());
  }
  if (product.layer_norm) norms_[tile.index].parameter_gradients(tile.row_begin, tile.row_end);
}

std::vector<GradientPiece> NetworkPass::gradient_pieces(const WeightTile& tile) {
  const LinearLayout& layer = layout_.linear(tile.index);
  const std::int64_t first = tile.row_begin, rows = tile.row_end - tile.row_begin;
  std::vector<GradientPiece> pieces = {
      {layer.weight_offset + first * layer.inputs,
       weight_gradients_[tile.index].data() + first * round_up(layer.inputs, lanes), rows,
       layer.inputs}};
  const auto append = [&](std::int64_t offset, float* gradient, std::int64_t count) {
    pieces.push_back({offset + first, gradient + first, count, 1});
  };
  append(layer.bias_offset, bias_gradients_[tile.index].data(), rows);
  if (layer.layer_norm) {
    append(layer.norm_weight_offset, norms_[tile.index].weight_gradient(), rows);
    append(layer.norm_bias_offset, norms_[tile.index].bias_gradient(), rows);
  }
  const auto append_norm = [&](const BatchNormLayout& layout, BatchNormPass& norm,
                               std::int64_t count) {
    append(layout.weight_offset, norm.weight_gradient(), count);
    append(layout.bias_offset, norm.bias_gradient(), count);
  };
  if (layer.batch_norm) append_norm(*layer.batch_norm, *batch_norms_[tile.index], rows);
  if (input_norm_ && tile.index == 0 && first == 0) {
    append_norm(*layout_.input_norm, input_norm_->pass, layout_.input_norm->features);
  }
  return pieces;
}

}  // namespace polyak::cpu
