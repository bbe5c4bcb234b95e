#include "backend/cpu/layer_norm_pass.hpp"

#include <algorithm>

#include "backend/cpu/activate_panel.hpp"
#include "polyak/core/layer_norm.hpp"

namespace polyak::cpu {
namespace {

/// One value for each column of a panel. Loops over them become vector instructions.
using Row = float[panel_columns];

/// values [outputs, panel_columns] of a panel to their normalised values.
void normalise_panel(int outputs, const float* values, float* normalised, float* inverse) {
  const float scale = 1.0f / static_cast<float>(outputs);
  Row mean = {}, variance = {};
  for (int row = 0; row < outputs; ++row) {
    for (std::ptrdiff_t i = 0; i < panel_columns; ++i) mean[i] += values[row * panel_columns + i];
  }
  for (float& value : mean) value *= scale;
  for (int row = 0; row < outputs; ++row) {
    for (std::ptrdiff_t i = 0; i < panel_columns; ++i) {
      const float centred = values[row * panel_columns + i] - mean[i];
      variance[i] += centred * centred;
    }
  }
  for (std::ptrdiff_t i = 0; i < panel_columns; ++i) {
    inverse[i] = inverse_deviation(variance[i] * scale);
  }
  for (int row = 0; row < outputs; ++row) {
    for (std::ptrdiff_t i = 0; i < panel_columns; ++i) {
      const std::ptrdiff_t at = row * panel_columns + i;
      normalised[at] = (values[at] - mean[i]) * inverse[i];
    }
  }
}

}  // namespace

LayerNormPass::LayerNormPass(const LinearLayout& layer, std::ptrdiff_t columns)
    : layer_(layer), columns_(columns) {
  if (!layer.layer_norm) return;
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
    normalise_panel(layer_.outputs, panel, normalised, inverse_deviations_.data() + column);
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
  const float scale = 1.0f / static_cast<float>(layer_.outputs);
  for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count;
       column += panel_columns) {
    float* const panel = deltas.panel_at(column);
    const float* const normalised = normalised_.panel_at(column);
    const float* const inverse = inverse_deviations_.data() + column;
    std::copy_n(panel, layer_.outputs * panel_columns, deltas_.panel_at(column));
    Row mean = {}, mean_product = {};
    for (int row = 0; row < layer_.outputs; ++row) {
      for (std::ptrdiff_t i = 0; i < panel_columns; ++i) {
        const std::ptrdiff_t at = row * panel_columns + i;
        const float delta = weight[row] * panel[at];
        mean[i] += delta;
        mean_product[i] += delta * normalised[at];
      }
    }
    for (int row = 0; row < layer_.outputs; ++row) {
      for (std::ptrdiff_t i = 0; i < panel_columns; ++i) {
        const std::ptrdiff_t at = row * panel_columns + i;
        panel[at] = (weight[row] * panel[at] - scale * mean[i] -
                     normalised[at] * (scale * mean_product[i])) *
                    inverse[i];
      }
    }
  }
}

void LayerNormPass::parameter_gradients(int row_begin, int row_end) {
  for (int row = row_begin; row < row_end; ++row) {
    weight_gradient_.data()[row] = row_product(deltas_, normalised_, row, columns_);
    bias_gradient_.data()[row] = row_sum(deltas_, row, columns_);
  }
}

}  // namespace polyak::cpu
