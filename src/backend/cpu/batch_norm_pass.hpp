// Batch normalisation of some features over a batch on the CPU (polyak/core/batch_norm.hpp).
#pragma once

#include <algorithm>

#include "agent/agent.hpp"
#include "agent/batch_norm.hpp"
#include "backend/cpu/aligned_array.hpp"
#include "backend/cpu/batch_shape.hpp"
#include "backend/cpu/chunk.hpp"

namespace polyak::cpu {

class BatchNormPass {
 public:
  BatchNormPass(const BatchNormLayout& layout, Activation activation, const BatchShape& shape);

  /// The first features of `values` to activation(g * normalised + h), for one chunk; by the
  /// batch's statistics only if that is the whole batch. `parameters` are the network's.
  void forward(const float* parameters, const NormStatistics& statistics, PanelMatrix& values,
               Chunk chunk);

  /// After forward() by the batch's statistics: the gradient before the activation in `deltas`
  /// [features, columns] to that of the values before, and the gradients of g and h. Padding
  /// columns stay zero.
  void backward(const float* parameters, PanelMatrix& deltas);

  void clear_bias_gradient() { std::fill_n(bias_gradient(), layout_.features, 0.0f); }

  float* weight_gradient() { return weight_gradient_.data(); }  // [features]
  float* bias_gradient() { return bias_gradient_.data(); }      // [features]

 private:
  void normalise_by_batch(PanelMatrix& values, const NormStatistics& statistics);
  void normalise_by_running(const PanelMatrix& values, const float* running, Chunk chunk);

  BatchNormLayout layout_;
  Activation activation_;
  BatchShape shape_;
  PanelMatrix normalised_;           // [features, columns]
  AlignedArray inverse_deviations_;  // [features]: of the batch
  AlignedArray weight_gradient_, bias_gradient_;
};

}  // namespace polyak::cpu
