#include "backend/cpu/network_pass.hpp"

#include <algorithm>

#include "backend/cpu/matrix_product.hpp"
#include "backend/cpu/transpose.hpp"
#include "backend/cpu/vector_math.hpp"

namespace polyak::cpu {
namespace {

constexpr int weight_tile_rows = 24;  // a multiple of the product's tile height on every machine

/// values <- activation(values) for one chunk of [rows, columns]. ReLU is done by the product.
void apply_activation(Activation activation, float* values, int rows, std::ptrdiff_t columns,
                      Chunk chunk) {
  for (int row = 0; row < rows; ++row) {
    float* const line = values + row * columns + chunk.begin;
    if (activation == Activation::tanh) {
      for (std::ptrdiff_t i = 0; i < chunk.count; ++i) line[i] = hyperbolic_tangent(line[i]);
    } else if (activation == Activation::elu) {
      for (std::ptrdiff_t i = 0; i < chunk.count; ++i) {
        const float below_zero = exponential_minus_one(line[i]);
        line[i] = line[i] > 0.0f ? line[i] : below_zero;
      }
    }
  }
}

/// delta <- delta * activation'(output) for one chunk of [rows, columns].
template <Activation activation>
void scale_by_derivative(const float* output, float* delta, int rows, std::ptrdiff_t columns,
                         Chunk chunk) {
  for (int row = 0; row < rows; ++row) {
    const std::ptrdiff_t begin = row * columns + chunk.begin;
    for (std::ptrdiff_t i = begin; i < begin + chunk.count; ++i) {
      delta[i] *= activation_derivative(activation, output[i]);
    }
  }
}

void scale_by_derivative(Activation activation, const float* output, float* delta, int rows,
                         std::ptrdiff_t columns, Chunk chunk) {
  switch (activation) {
    case Activation::relu:
      return scale_by_derivative<Activation::relu>(output, delta, rows, columns, chunk);
    case Activation::tanh:
      return scale_by_derivative<Activation::tanh>(output, delta, rows, columns, chunk);
    case Activation::elu:
      return scale_by_derivative<Activation::elu>(output, delta, rows, columns, chunk);
    case Activation::identity:
      return;
  }
}

/// Sum of a row in a fixed order: sixteen running sums, then a tree.
float sum_row(const float* row, std::ptrdiff_t count) {
  float sums[lane_padding] = {};
  for (std::ptrdiff_t i = 0; i < count; i += static_cast<std::ptrdiff_t>(lane_padding)) {
    for (std::size_t lane = 0; lane < lane_padding; ++lane) {
      sums[lane] += row[i + static_cast<std::ptrdiff_t>(lane)];
    }
  }
  for (std::size_t half = lane_padding / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  }
  return sums[0];
}

}  // namespace

std::ptrdiff_t chunk_count(std::ptrdiff_t columns) {
  return (columns + chunk_columns - 1) / chunk_columns;
}

Chunk chunk_at(std::ptrdiff_t index, std::ptrdiff_t columns) {
  const std::ptrdiff_t begin = index * chunk_columns;
  return {begin, std::min(chunk_columns, columns - begin)};
}

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
    : layout_(layout),
      batch_(batch),
      columns_(static_cast<std::ptrdiff_t>(pad_to_lanes(static_cast<std::size_t>(batch)))) {
  const auto columns = static_cast<std::size_t>(columns_);
  for (const LinearLayout& layer : layout_.layers) {
    const auto outputs = static_cast<std::size_t>(layer.outputs);
    const std::size_t padded_inputs = pad_to_lanes(static_cast<std::size_t>(layer.inputs));
    outputs_.emplace_back(outputs * columns);
    deltas_.emplace_back(outputs * columns);
    transposed_inputs_.emplace_back(columns * padded_inputs);
    weight_gradients_.emplace_back(outputs * padded_inputs);
    bias_gradients_.emplace_back(outputs);
  }
}

std::ptrdiff_t NetworkPass::gradient_row(std::size_t layer) const {
  return static_cast<std::ptrdiff_t>(
      pad_to_lanes(static_cast<std::size_t>(layout_.layers[layer].inputs)));
}

void NetworkPass::forward(const float* parameters, const float* input, Chunk chunk) {
  for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
    const LinearLayout& layer = layout_.layers[i];
    const bool relu = layer.activation == Activation::relu;
    matrix_product({.rows = layer.outputs,
                    .columns = chunk.count,
                    .depth = layer.inputs,
                    .a = parameters + layer.weight_offset,
                    .a_row = layer.inputs,
                    .a_column = 1,
                    .b = input + chunk.begin,
                    .b_row = columns_,
                    .bias = parameters + layer.bias_offset,
                    .c = outputs_[i].data() + chunk.begin,
                    .c_row = columns_,
                    .relu = relu});
    apply_activation(layer.activation, outputs_[i].data(), layer.outputs, columns_, chunk);
    input = outputs_[i].data();
  }
}

void NetworkPass::backward(const float* parameters, Chunk chunk) {
  for (std::size_t i = layout_.layers.size(); i-- > 0;) {
    const LinearLayout& layer = layout_.layers[i];
    scale_by_derivative(layer.activation, outputs_[i].data(), deltas_[i].data(), layer.outputs,
                        columns_, chunk);
    if (i == 0) break;
    // dLoss/dInput = W^T delta: A(k, o) = W(o, k).
    matrix_product({.rows = layer.inputs,
                    .columns = chunk.count,
                    .depth = layer.outputs,
                    .a = parameters + layer.weight_offset,
                    .a_row = 1,
                    .a_column = layer.inputs,
                    .b = deltas_[i].data() + chunk.begin,
                    .b_row = columns_,
                    .bias = nullptr,
                    .c = deltas_[i - 1].data() + chunk.begin,
                    .c_row = columns_,
                    .relu = false});
  }
}

void NetworkPass::input_gradient(const float* parameters, int row_begin, int rows, float* gradient,
                                 Chunk chunk) {
  const LinearLayout& layer = layout_.layers.front();
  matrix_product({.rows = rows,
                  .columns = chunk.count,
                  .depth = layer.outputs,
                  .a = parameters + layer.weight_offset + row_begin,
                  .a_row = 1,
                  .a_column = layer.inputs,
                  .b = deltas_.front().data() + chunk.begin,
                  .b_row = columns_,
                  .bias = nullptr,
                  .c = gradient + chunk.begin,
                  .c_row = columns_,
                  .relu = false});
}

void NetworkPass::transpose_inputs(const float* input, Chunk chunk) {
  for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
    transpose_chunk(input + chunk.begin, columns_, layout_.layers[i].inputs, chunk.count,
                    transposed_inputs_[i].data() + chunk.begin * gradient_row(i), gradient_row(i));
    input = outputs_[i].data();
  }
}

void NetworkPass::weight_tile_gradient(const WeightTile& tile) {
  const std::ptrdiff_t row_floats = gradient_row(tile.layer);
  const float* const deltas = deltas_[tile.layer].data() + tile.row_begin * columns_;
  matrix_product({.rows = tile.row_end - tile.row_begin,
                  .columns = row_floats,
                  .depth = batch_,
                  .a = deltas,
                  .a_row = columns_,
                  .a_column = 1,
                  .b = transposed_inputs_[tile.layer].data(),
                  .b_row = row_floats,
                  .bias = nullptr,
                  .c = weight_gradients_[tile.layer].data() + tile.row_begin * row_floats,
                  .c_row = row_floats,
                  .relu = false});
  for (int row = tile.row_begin; row < tile.row_end; ++row) {
    bias_gradients_[tile.layer].data()[row] =
        sum_row(deltas_[tile.layer].data() + row * columns_, columns_);
  }
}

}  // namespace polyak::cpu
