// The gradients of a network's parameters: sums over the batch.
#include <algorithm>

#include "backend/cpu/column_sums.hpp"
#include "backend/cpu/matrix_product.hpp"
#include "backend/cpu/network_pass.hpp"
#include "backend/cpu/transpose.hpp"

namespace polyak::cpu {
namespace {

constexpr int weight_tile_rows = 32;
static_assert(weight_tile_rows % TileOrder::tile_rows == 0);

/// Whether the weight gradient is one of sum_thin_products().
bool is_thin(const LinearLayout& product) {
  return std::min(product.inputs, product.outputs) <= thin_outputs;
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

/// What linear(index) multiplies by its weights in the pass over `input`.
const PanelMatrix& NetworkPass::product_input(const PanelMatrix& input, std::size_t index) const {
  const std::size_t layers = layout_.layers.size();
  if (index == 0) return first_input(input);
  if (index < layers) return outputs_[index - 1];
  return index == layers ? input : cell_->hidden_before();
}

/// For tile_weight_gradient(), whose product runs over columns.
void NetworkPass::transpose_inputs(const PanelMatrix& input, Chunk chunk) {
  const auto transpose = [&](const PanelMatrix& rows, std::size_t index) {
    const std::ptrdiff_t inputs = layout_.linear(index).inputs;
    PanelMatrix& transposed = transposed_inputs_[index];
    for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count;
         column += panel_columns) {
      const std::ptrdiff_t count = std::min(panel_columns, chunk.begin + chunk.count - column);
      for (std::ptrdiff_t first = 0; first < inputs; first += panel_columns) {
        transpose_panel(rows.panel_at(column) + first * panel_columns,
                        std::min(panel_columns, inputs - first), count,
                        transposed.panel_at(first) + column * panel_columns);
      }
    }
  };
  for (std::size_t i = 0; i < layout_.linear_count(); ++i) {
    if (!is_thin(layout_.linear(i))) transpose(product_input(input, i), i);
  }
}

/// The gradient of the sums of linear(index): [outputs, columns].
const PanelMatrix& NetworkPass::delta(std::size_t index) const {
  if (index < deltas_.size()) return deltas_[index];
  return index == deltas_.size() ? cell_->input_sum_delta() : cell_->recurrent_sum_delta();
}

void NetworkPass::tile_gradient(const PanelMatrix& input, const WeightTile& tile) {
  const LinearLayout& product = layout_.linear(tile.index);
  // Tiles of other rows may be at work at the same time: this one has all the padding of its own.
  const std::ptrdiff_t padded_inputs = round_up(product.inputs, lanes);
  float* const weights = weight_gradients_[tile.index].data() + tile.row_begin * padded_inputs;
  float* const biases = bias_gradients_[tile.index].data() + tile.row_begin;
  if (product.inputs <= thin_outputs) {
    const RowsOf inputs{product_input(input, tile.index), 0, product.inputs};
    sum_thin_products({delta(tile.index), tile.row_begin, tile.row_end}, inputs, shape_,
                      {weights, product.inputs, 1, biases});
  } else {
    tile_weight_gradient(input, tile, weights);
    sum_columns(delta(tile.index), shape_, tile.row_begin, tile.row_end, biases - tile.row_begin);
  }
  if (product.batch_norm) {
    // The mean of a batch takes a bias before it out again: its gradient is zero, and the sum would
    // be rounding errors that Adam makes steps of.
    std::fill_n(biases, tile.row_end - tile.row_begin, 0.0f);
  }
  if (product.layer_norm) norms_[tile.index].parameter_gradients(tile.row_begin, tile.row_end);
}

/// weights: [rows of the tile, inputs], behind which there is room for padded inputs.
void NetworkPass::tile_weight_gradient(const PanelMatrix& input, const WeightTile& tile,
                                       float* weights) {
  const LinearLayout& product = layout_.linear(tile.index);
  const PanelMatrix& deltas = delta(tile.index);
  if (product.outputs <= thin_outputs) {
    const RowsOf inputs{product_input(input, tile.index), 0, product.inputs};
    sum_thin_products(inputs, {deltas, tile.row_begin, tile.row_end}, shape_,
                      {weights, 1, product.inputs, nullptr});
    return;
  }
  const std::ptrdiff_t rows = tile.row_end - tile.row_begin;
  const std::ptrdiff_t padded_inputs = round_up(product.inputs, lanes);
  const PanelMatrix& transposed = transposed_inputs_[tile.index];
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
                  .c = weights,
                  .c_row = padded_inputs,
                  .c_panel = panel_columns,
                  .activation = Activation::identity,
                  .outputs = nullptr});
  close_gaps(weights, rows, product.inputs, padded_inputs);
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
