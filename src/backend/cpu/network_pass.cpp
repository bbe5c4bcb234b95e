#include "backend/cpu/network_pass.hpp"

#include <algorithm>

#include "backend/cpu/matrix_product.hpp"
#include "backend/cpu/transpose.hpp"
#include "backend/cpu/vector_math.hpp"

namespace polyak::cpu {
namespace {

constexpr int weight_tile_rows = 24;  // a multiple of the product's tile height on every machine
static_assert(weight_tile_rows % tile_rows == 0);

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
  for (std::size_t layer = 0; layer < layout.layers.size(); ++layer) {
    const int rows = layout.layers[layer].outputs;
    for (int row = 0; row < rows; row += weight_tile_rows) {
      tiles.push_back({layer, row, std::min(rows, row + weight_tile_rows)});
    }
  }
  return tiles;
}

NetworkPass::NetworkPass(const NetworkLayout& layout, std::ptrdiff_t batch)
    : layout_(layout), batch_(batch), columns_(round_up(batch, lanes)) {
  for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
    const LinearLayout& layer = layout_.layers[i];
    const bool late_inputs_follow = layout_.late_inputs > 0 && i + 1 == layout_.late_layer;
    const int rows = layer.outputs + (late_inputs_follow ? layout_.late_inputs : 0);
    outputs_.emplace_back(rows, columns_);
    deltas_.emplace_back(rows, columns_);
    transposed_inputs_.emplace_back(columns_, layer.inputs);
    weight_gradients_.emplace_back(
        static_cast<std::size_t>(layer.outputs * round_up(layer.inputs, lanes)));
    bias_gradients_.emplace_back(static_cast<std::size_t>(layer.outputs));
    norms_.emplace_back(layer, columns_);
  }
}

void NetworkPass::forward(const float* parameters, const PanelMatrix& input, Chunk chunk) {
  if (layout_.late_inputs > 0) copy_late_inputs(input, chunk);
  const PanelMatrix* layer_input = &input;
  for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
    const LinearLayout& layer = layout_.layers[i];
    matrix_product({.rows = layer.outputs,
                    .columns = round_up(chunk.count, lanes),
                    .depth = layer.inputs,
                    .a = parameters + layer.weight_offset,
                    .a_row = layer.inputs,
                    .a_column = 1,
                    .a_segment = layer.inputs,
                    .a_segment_stride = 0,
                    .b = layer_input->panel_at(chunk.begin),
                    .b_panel = layer_input->panel_floats(),
                    .bias = parameters + layer.bias_offset,
                    .c = outputs_[i].panel_at(chunk.begin),
                    .c_row = panel_columns,
                    .c_panel = outputs_[i].panel_floats(),
                    .activation = layer.layer_norm ? Activation::identity : layer.activation,
                    .outputs = nullptr});
    if (layer.layer_norm) norms_[i].forward(parameters, outputs_[i], chunk);
    layer_input = &outputs_[i];
  }
}

/// The late inputs to where their layer reads them. They come behind those of layer 0.
void NetworkPass::copy_late_inputs(const PanelMatrix& input, Chunk chunk) {
  const int first = layout_.layers.front().inputs;
  PanelMatrix& joined = outputs_[layout_.late_layer - 1];
  const int own_rows = layout_.layers[layout_.late_layer - 1].outputs;
  for (int row = 0; row < layout_.late_inputs; ++row) {
    for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count; ++column) {
      joined(own_rows + row, column) = input(first + row, column);
    }
  }
}

void NetworkPass::backward(const float* parameters, std::size_t first_layer, Chunk chunk) {
  const std::size_t last = layout_.layers.size() - 1;
  scale_by_derivative(layout_.layers[last].activation, outputs_[last], deltas_[last], chunk);
  for (std::size_t i = last; i > first_layer; --i) {
    const LinearLayout& layer = layout_.layers[i];
    // dLoss/dInput = W^T delta: A(k, o) = W(o, k).
    matrix_product({.rows = layout_.early_inputs(i),
                    .columns = round_up(chunk.count, lanes),
                    .depth = layer.outputs,
                    .a = parameters + layer.weight_offset,
                    .a_row = 1,
                    .a_column = layer.inputs,
                    .a_segment = layer.outputs,
                    .a_segment_stride = 0,
                    .b = deltas_[i].panel_at(chunk.begin),
                    .b_panel = deltas_[i].panel_floats(),
                    .bias = nullptr,
                    .c = deltas_[i - 1].panel_at(chunk.begin),
                    .c_row = panel_columns,
                    .c_panel = deltas_[i - 1].panel_floats(),
                    .activation = layout_.layers[i - 1].activation,
                    .outputs = outputs_[i - 1].panel_at(chunk.begin)});
    if (layout_.layers[i - 1].layer_norm) norms_[i - 1].backward(parameters, deltas_[i - 1], chunk);
  }
}

void NetworkPass::input_gradient(const float* parameters, std::size_t layer_index, int rows,
                                 PanelMatrix& gradient, Chunk chunk) {
  const LinearLayout& layer = layout_.layers[layer_index];
  const int row_begin = layer.inputs - rows;
  matrix_product({.rows = rows,
                  .columns = round_up(chunk.count, lanes),
                  .depth = layer.outputs,
                  .a = parameters + layer.weight_offset + row_begin,
                  .a_row = 1,
                  .a_column = layer.inputs,
                  .a_segment = layer.outputs,
                  .a_segment_stride = 0,
                  .b = deltas_[layer_index].panel_at(chunk.begin),
                  .b_panel = deltas_[layer_index].panel_floats(),
                  .bias = nullptr,
                  .c = gradient.panel_at(chunk.begin),
                  .c_row = panel_columns,
                  .c_panel = gradient.panel_floats(),
                  .activation = Activation::identity,
                  .outputs = nullptr});
}

void NetworkPass::transpose_inputs(const PanelMatrix& input, Chunk chunk) {
  const PanelMatrix* layer_input = &input;
  for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
    const std::ptrdiff_t inputs = layout_.layers[i].inputs;
    for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count;
         column += panel_columns) {
      const std::ptrdiff_t count = std::min(panel_columns, chunk.begin + chunk.count - column);
      for (std::ptrdiff_t first = 0; first < inputs; first += panel_columns) {
        transpose_chunk(layer_input->panel_at(column) + first * panel_columns, panel_columns,
                        std::min(panel_columns, inputs - first), count,
                        transposed_inputs_[i].panel_at(first) + column * panel_columns,
                        panel_columns);
      }
    }
    layer_input = &outputs_[i];
  }
}

void NetworkPass::weight_tile_gradient(const WeightTile& tile) {
  const std::ptrdiff_t inputs = layout_.layers[tile.layer].inputs;
  const std::ptrdiff_t rows = tile.row_end - tile.row_begin;
  const std::ptrdiff_t padded_inputs = round_up(inputs, lanes);
  const PanelMatrix& deltas = deltas_[tile.layer];
  const PanelMatrix& transposed = transposed_inputs_[tile.layer];
  // Tiles of other rows may be at work at the same time: this one has all the padding of its own.
  float* const gradient = weight_gradients_[tile.layer].data() + tile.row_begin * padded_inputs;
  matrix_product({.rows = rows,
                  .columns = padded_inputs,
                  .depth = batch_,
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
  close_gaps(gradient, rows, inputs, padded_inputs);
  for (int row = tile.row_begin; row < tile.row_end; ++row) {
    bias_gradients_[tile.layer].data()[row] = row_sum(deltas, row, columns_);
  }
  if (layout_.layers[tile.layer].layer_norm) {
    norms_[tile.layer].parameter_gradients(tile.row_begin, tile.row_end);
  }
}

float* NetworkPass::weight_gradient(const WeightTile& tile) {
  return weight_gradients_[tile.layer].data() +
         tile.row_begin * round_up(layout_.layers[tile.layer].inputs, lanes);
}

float* NetworkPass::bias_gradient(const WeightTile& tile) {
  return bias_gradients_[tile.layer].data() + tile.row_begin;
}

}  // namespace polyak::cpu
