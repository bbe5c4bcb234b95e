// Layer and batch normalisation of all agents over a batch: the operations of one normalisation, as
// their kernels take them.
#pragma once

#include <string_view>

#include "agent/agent.hpp"
#include "agent/batch_norm.hpp"
#include "backend/cuda/device/memory_budget.hpp"
#include "backend/cuda/layered/batch_matrix.hpp"
#include "backend/cuda/layered/step_shape.hpp"
#include "kernels/batch_norm.hpp"
#include "kernels/layer_norm.hpp"

namespace polyak::cuda {

/// Scratch memory of one layer normalisation; empty if there is no way back.
struct LayerNormBuffers {
  LayerNormBuffers() = default;
  LayerNormBuffers(int agents, int rows, int outputs, Direction direction, std::string_view purpose,
                   MemoryBudget& budget);
  BatchMatrix normalised;         // [rows, outputs]
  BatchMatrix inverse_deviation;  // [rows, 1]
};

/// The normalisation of one layer's outputs. Parameters and gradients are those of the first
/// agent's network.
class LayerNormPass {
 public:
  LayerNormPass(const NetworkLayout& network, const LinearLayout& layer, int agents,
                const StepShape& shape, LayerNormBuffers buffers);

  /// In place.
  kernels::LayerNormForward forward(const float* parameters, kernels::StridedBatch values) const;
  /// parameter_gradient: nullptr if the network does not learn.
  kernels::LayerNormBackward backward(const float* parameters, kernels::StridedBatch gradient,
                                      float* parameter_gradient) const;

 private:
  kernels::LayerNorm layer(const float* parameters, int rows) const;

  LinearLayout layer_;
  int agents_;
  StepShape shape_;
  std::int64_t parameter_stride_;
  LayerNormBuffers buffers_;
};

/// Scratch memory of one batch normalisation; empty if there is no way back.
struct BatchNormBuffers {
  BatchNormBuffers() = default;
  BatchNormBuffers(int agents, int rows, int features, Direction direction,
                   std::string_view purpose, MemoryBudget& budget);
  BatchMatrix normalised;               // [rows, features]
  BatchMatrix inverse_deviation;        // [1, features]
  BatchMatrix discarded_bias_gradient;  // [1, features]
};

/// The normalisation of some features. Parameters, statistics and gradients are those of the first
/// agent's network.
class BatchNormPass {
 public:
  BatchNormPass(const NetworkLayout& network, const BatchNormLayout& norm, Activation activation,
                int agents, int rows, BatchNormBuffers buffers);

  kernels::BatchNormForward forward(const float* parameters, const NormStatistics& statistics,
                                    kernels::ConstStridedBatch input,
                                    kernels::StridedBatch output) const;
  kernels::BatchNormBackward backward(const float* parameters, kernels::StridedBatch gradient,
                                      float* parameter_gradient) const;

  /// Where the gradient of a bias in front of this normalisation goes, so that it stays zero among
  /// the parameters': subtracting the batch's mean cancels the bias, and its gradient would be
  /// rounding errors that Adam makes steps of.
  kernels::VectorBatch discarded_bias_gradient() const;

 private:
  kernels::BatchNorm layer(const float* parameters) const;

  BatchNormLayout norm_;
  Activation activation_;
  int agents_, rows_;
  std::int64_t parameter_stride_, statistics_stride_;
  BatchNormBuffers buffers_;
};

}  // namespace polyak::cuda
