#include "backend/cpu/layer_norm_pass.hpp"

#include <algorithm>

#include "backend/cpu/activate_panel.hpp"
#include "backend/cpu/column_sums.hpp"
#include "polyak/core/layer_norm.hpp"

namespace polyak::cpu {
namespace {

/// The values [outputs, lanes] of some columns to their normalised values.
void normalise(int outputs, const float* values, float* normalised, float* inverse) {
  const Vector scale = broadcast(1.0f / static_cast<float>(outputs));
  const auto value = [&](int row) { return load(values + row * panel_columns); };
  const Vector mean = scale * sum_over_features<Vector>(outputs, value);
  const Vector variance = scale * sum_over_features<Vector>(outputs, [&](int row) {
                            const Vector centred = value(row) - mean;
                            return centred * centred;
                          });
  float deviations[lanes];
  for (int i = 0; i < lanes; ++i) deviations[i] = inverse_deviation(variance[i]);
  store(inverse, load(deviations));
  for (int row = 0; row < outputs; ++row) {
    store(normalised + row * panel_columns, (value(row) - mean) * load(deviations));
  }
}

/// The gradient `delta` [outputs, lanes] of some columns to that of the sums.
void pass_back(int outputs, const float* weight, const float* normalised, const float* inverse,
               float* delta) {
  const Vector scale = broadcast(1.0f / static_cast<float>(outputs));
  const auto weighted = [&](int row) {
    return broadcast(weight[row]) * load(delta + row * panel_columns);
  };
  const auto normal = [&](int row) { return load(normalised + row * panel_columns); };
  const Vector mean = scale * sum_over_features<Vector>(outputs, weighted);
  const Vector mean_product = scale * sum_over_features<Vector>(outputs, [&](int row) {
                                return weighted(row) * normal(row);
                              });
  for (int row = 0; row < outputs; ++row) {
    store(delta + row * panel_columns,
          (weighted(row) - mean - normal(row) * mean_product) * load(inverse));
  }
}

}  // namespace

LayerNormPass::LayerNormPass(const LinearLayout& layer, const BatchShape& shape)
    : layer_(layer), shape_(shape) {
  if (!layer.layer_norm) return;
  const std::ptrdiff_t columns = shape.columns();
  normalised_ = PanelMatrix(layer.outputs, columns);
  deltas_ = PanelMatrix(layer.outputs, columns);
  inverse_deviations_ = AlignedArray(static_cast<std::size_t>(round_up(columns, panel_columns)));
  weight_gradient_ = AlignedArray(static_cast<std::size_t>(layer.outputs));
  bias_gradient_ = AlignedArray(static_cast<std::size_t>(layer.outputs));
}

void LayerNormPass::forward(const float* parameters, PanelMatrix& values, Chunk chunk) {
  const float* const weight = parameters + layer_.norm_weight_offset;
  const float* const bias = parameters + layer_.norm_bias_offset;
  for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count;
       column += panel_columns) {
    float* const panel = values.panel_at(column);
    float* const normalised = normalised_.panel_at(column);
    for (std::ptrdiff_t i = 0; i < panel_columns; i += lanes) {
      normalise(layer_.outputs, panel + i, normalised + i, inverse_deviations_.data() + column + i);
    }
    for (int row = 0; row < layer_.outputs; ++row) {
      for (std::ptrdiff_t i = 0; i < panel_columns; ++i) {
        const std::ptrdiff_t at = row * panel_columns + i;
        panel[at] = weight[row] * normalised[at] + bias[row];
      }
    }
    activate_panel(layer_.activation, panel, layer_.outputs * panel_columns);
  }
}

void LayerNormPass::backward(const float* parameters, PanelMatrix& deltas, Chunk chunk) {
  const float* const weight = parameters + layer_.norm_weight_offset;
  for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count;
       column += panel_columns) {
    float* const panel = deltas.panel_at(column);
    std::copy_n(panel, layer_.outputs * panel_columns, deltas_.panel_at(column));
    for (std::ptrdiff_t i = 0; i < panel_columns; i += lanes) {
      pass_back(layer_.outputs, weight, normalised_.panel_at(column) + i,
                inverse_deviations_.data() + column + i, panel + i);
    }
  }
}

void LayerNormPass::parameter_gradients(int row_begin, int row_end) {
  sum_products(deltas_, normalised_, shape_, row_begin, row_end, weight_gradient_.data());
  sum_columns(deltas_, shape_, row_begin, row_end, bias_gradient_.data());
}

}  // namespace polyak::cpu
