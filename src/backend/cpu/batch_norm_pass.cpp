#include "backend/cpu/batch_norm_pass.hpp"

#include <algorithm>
#include <vector>

#include "backend/cpu/activate_panel.hpp"
#include "backend/cpu/column_sums.hpp"

namespace polyak::cpu {
namespace {

/// Calls work(first column of a panel, its used columns).
template <class Work>
void for_each_panel(std::ptrdiff_t begin, std::ptrdiff_t end, const Work& work) {
  for (std::ptrdiff_t column = begin; column < end; column += panel_columns) {
    work(column, std::min(panel_columns, end - column));
  }
}

}  // namespace

BatchNormPass::BatchNormPass(const BatchNormLayout& layout, Activation activation,
                             const BatchShape& shape)
    : layout_(layout),
      activation_(activation),
      shape_(shape),
      normalised_(layout.features, shape.columns()),
      inverse_deviations_(static_cast<std::size_t>(layout.features)),
      weight_gradient_(static_cast<std::size_t>(layout.features)),
      bias_gradient_(static_cast<std::size_t>(layout.features)) {}

void BatchNormPass::forward(const float* parameters, const NormStatistics& statistics,
                            PanelMatrix& values, Chunk chunk) {
  if (statistics.mode == BatchNormMode::evaluation) {
    normalise_by_running(values, statistics.running, chunk);
  } else {
    normalise_by_batch(values, statistics);
  }
  const float* const weight = parameters + layout_.weight_offset;
  const float* const bias = parameters + layout_.bias_offset;
  for_each_panel(chunk.begin, chunk.begin + chunk.count, [&](std::ptrdiff_t column, auto) {
    const float* const normalised = normalised_.panel_at(column);
    float* const panel = values.panel_at(column);
    for (int row = 0; row < layout_.features; ++row) {
      for (std::ptrdiff_t i = 0; i < panel_columns; ++i) {
        const std::ptrdiff_t at = row * panel_columns + i;
        panel[at] = weight[row] * normalised[at] + bias[row];
      }
    }
    activate_panel(activation_, panel, layout_.features * panel_columns);
  });
}

void BatchNormPass::normalise_by_running(const PanelMatrix& values, const float* running,
                                         Chunk chunk) {
  const float* const mean = running + layout_.mean_offset;
  const float* const variance = running + layout_.variance_offset;
  for_each_panel(chunk.begin, chunk.begin + chunk.count, [&](std::ptrdiff_t column, auto) {
    const float* const panel = values.panel_at(column);
    float* const normalised = normalised_.panel_at(column);
    for (int row = 0; row < layout_.features; ++row) {
      const float inverse = inverse_batch_deviation(variance[row]);
      for (std::ptrdiff_t i = 0; i < panel_columns; ++i) {
        const std::ptrdiff_t at = row * panel_columns + i;
        normalised[at] = (panel[at] - mean[row]) * inverse;
      }
    }
  });
}

/// Padding columns of both matrices are made zero: sums run over them.
void BatchNormPass::normalise_by_batch(PanelMatrix& values, const NormStatistics& statistics) {
  const std::ptrdiff_t used = shape_.used_columns();
  const float scale = 1.0f / static_cast<float>(used);
  std::vector<float> means(static_cast<std::size_t>(layout_.features)), variances(means);
  for (int row = 0; row < layout_.features; ++row) {
    for (std::ptrdiff_t column = used; column < shape_.columns(); ++column) {
      values(row, column) = normalised_(row, column) = 0.0f;
    }
  }
  sum_columns(values, shape_, 0, layout_.features, means.data());
  for (int row = 0; row < layout_.features; ++row) {
    const float mean = means[static_cast<std::size_t>(row)] *= scale;
    for_each_panel(0, used, [&](std::ptrdiff_t column, std::ptrdiff_t count) {
      const float* const value = &values(row, column);
      float* const centred = &normalised_(row, column);
      for (std::ptrdiff_t i = 0; i < count; ++i) centred[i] = value[i] - mean;
    });
  }
  sum_products(normalised_, normalised_, shape_, 0, layout_.features, variances.data());
  for (int row = 0; row < layout_.features; ++row) {
    const float variance = scale * variances[static_cast<std::size_t>(row)];
    const float inverse = inverse_batch_deviation(variance);
    for_each_panel(0, used, [&](std::ptrdiff_t column, std::ptrdiff_t count) {
      float* const centred = &normalised_(row, column);
      for (std::ptrdiff_t i = 0; i < count; ++i) centred[i] *= inverse;
    });
    inverse_deviations_.data()[row] = inverse;
    if (statistics.mode != BatchNormMode::training) continue;
    follow_batch(layout_.momentum, static_cast<int>(used), means[static_cast<std::size_t>(row)],
                 variance, statistics.running[layout_.mean_offset + row],
                 statistics.running[layout_.variance_offset + row]);
  }
}

void BatchNormPass::backward(const float* parameters, PanelMatrix& deltas) {
  const float* const weight = parameters + layout_.weight_offset;
  const std::ptrdiff_t used = shape_.used_columns();
  const float scale = 1.0f / static_cast<float>(used);
  sum_products(deltas, normalised_, shape_, 0, layout_.features, weight_gradient_.data());
  sum_columns(deltas, shape_, 0, layout_.features, bias_gradient_.data());
  for (int row = 0; row < layout_.features; ++row) {
    const float weight_gradient = weight_gradient_.data()[row];
    const float bias_gradient = bias_gradient_.data()[row];
    const float factor = weight[row] * inverse_deviations_.data()[row];
    for_each_panel(0, used, [&](std::ptrdiff_t column, std::ptrdiff_t count) {
      const float* const normalised = &normalised_(row, column);
      float* const delta = &deltas(row, column);
      for (std::ptrdiff_t i = 0; i < count; ++i) {
        delta[i] =
            factor * (delta[i] - scale * bias_gradient - normalised[i] * (scale * weight_gradient));
      }
    });
  }
}

}  // namespace polyak::cpu
