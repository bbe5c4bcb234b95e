// Linear layers of every agent, by our kernels or by cuBLAS.
#pragma once

#include <optional>

#include "backend/cuda/device/cublas.hpp"
#include "backend/cuda/device/memory_budget.hpp"
#include "backend/cuda/device/stream.hpp"
#include "kernels/linear_backward_input.hpp"
#include "kernels/linear_backward_weight.hpp"
#include "kernels/linear_forward.hpp"
#include "polyak/config.hpp"

namespace polyak::cuda {

/// The size of one layer's work for one agent: batch * inputs * outputs multiply-adds.
struct LayerShape {
  int batch, inputs, outputs;
};

/// Whether cuBLAS multiplies for a layer of this shape. The number of agents has no say, so an
/// agent's bits do not depend on it.
bool uses_cublas(MatrixProduct choice, const LayerShape& shape);

/// Whether cuBLAS multiplies for any layer of this training.
bool uses_cublas(const Config& config);

/// What linear layers need besides their operands.
struct LinearWorkspace {
  LinearWorkspace(const Config& config, MemoryBudget& budget);
  DeviceBuffer<float> weight_gradient_parts;
  DeviceBuffer<std::uint8_t> cublas;  // empty if cuBLAS is never used
};

/// Queues linear layers, forwards and backwards, on one stream.
class LinearOperations {
 public:
  LinearOperations(MatrixProduct choice, const Stream& stream, LinearWorkspace workspace);

  /// Y = activation(X W^T + b).
  void forward(const kernels::LinearForward& arguments) const;

  /// dX = (dY W) * activation'(X).
  void backward_input(const kernels::LinearBackwardInput& arguments) const;

  /// dW = dY^T X, db = column sums of dY; the workspace in `arguments` is filled in here.
  void backward_weight(kernels::LinearBackwardWeight arguments) const;

 private:
  template <class... Strides>
  bool by_cublas(const LayerShape& shape, Strides... agent_strides) const;

  MatrixProduct choice_;
  cudaStream_t stream_;
  DeviceBuffer<float> weight_gradient_parts_;
  std::optional<CublasHandle> cublas_;
};

}  // namespace polyak::cuda
