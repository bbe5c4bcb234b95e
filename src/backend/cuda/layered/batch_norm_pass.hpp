// Batch normalisation of some features of all agents over a batch.
#pragma once

#include <string_view>

#include "agent/agent.hpp"
#include "agent/batch_norm.hpp"
#include "backend/cuda/device/memory_budget.hpp"
#include "backend/cuda/layered/batch_matrix.hpp"
#include "kernels/batch_norm.hpp"

namespace polyak::cuda {

/// Scratch memory of one normalisation; empty if there is no way back.
struct BatchNormBuffers {
  BatchNormBuffers() = default;
  BatchNormBuffers(int agents, int rows, int features, Direction direction,
                   std::string_view purpose, MemoryBudget& budget);
  BatchMatrix normalised;         // [rows, features]
  BatchMatrix inverse_deviation;  // [1, features]
  BatchMatrix taken_out;          // [1, features]: BatchNormPass::taken_out()
};

/// Describes one normalisation's operations to its kernels.
class BatchNormPass {
 public:
  /// `network`: of the network that the normalisation is in.
  BatchNormPass(const NetworkLayout& network, const BatchNormLayout& norm, Activation activation,
                int agents, int rows, BatchNormBuffers buffers);

  /// Parameters, statistics and gradients are those of the first agent's network.
  kernels::BatchNormForward forward(const float* parameters, const NormStatistics& statistics,
                                    kernels::ConstMatrices input, kernels::Matrices output) const;
  kernels::BatchNormBackward backward(const float* parameters, kernels::Matrices gradient,
                                      float* parameter_gradient) const;

  /// Where the gradient of a bias before a normalisation goes, so that it stays zero among the
  /// parameters': the mean of a batch takes the bias out again, and the sum would be rounding
  /// errors that Adam makes steps of.
  kernels::Vectors taken_out() const;

 private:
  kernels::BatchNorm layer(const float* parameters) const;

  BatchNormLayout norm_;
  Activation activation_;
  int agents_, rows_;
  std::int64_t parameter_stride_, statistics_stride_;
  BatchNormBuffers buffers_;
};

}  // namespace polyak::cuda
