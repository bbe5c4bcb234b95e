// Layer normalisation of one layer over a batch on the CPU (polyak/core/layer_norm.hpp).
#pragma once

#include "agent/agent.hpp"
#include "backend/cpu/aligned_array.hpp"
#include "backend/cpu/batch_shape.hpp"

namespace polyak::cpu {

class LayerNormPass {
 public:
  /// No memory for a layer without normalisation.
  LayerNormPass(const LinearLayout& layer, const BatchShape& shape);

  /// The layer's sums in `values` to its outputs, for one chunk. `parameters` are the network's.
  void forward(const float* parameters, PanelMatrix& values, Chunk chunk);

  /// The gradient before the activation in `deltas` to that of the layer's sums, for one chunk
  /// after forward().
  void backward(const float* parameters, PanelMatrix& deltas, Chunk chunk);

  /// The gradients of g and h for rows [row_begin, row_end), after backward() of every chunk.
  void parameter_gradients(int row_begin, int row_end);
  float* weight_gradient() { return weight_gradient_.data(); }  // [outputs]
  float* bias_gradient() { return bias_gradient_.data(); }      // [outputs]

 private:
  LinearLayout layer_;
  BatchShape shape_;
  PanelMatrix normalised_;           // [outputs, columns]
  PanelMatrix deltas_;               // [outputs, columns]: before the activation
  AlignedArray inverse_deviations_;  // [columns]
  AlignedArray weight_gradient_, bias_gradient_;
};

}  // namespace polyak::cpu
