// Linear layers of every agent, by our kernels or by cuBLAS.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "backend/cuda/device/cublas.hpp"
#include "backend/cuda/device/graph.hpp"
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

/// Who multiplies, and in which number format.
struct ProductChoice {
  MatrixProduct product;
  Precision precision;
};

/// Whether cuBLAS multiplies for a layer of this shape. The number of agents does not matter, so an
/// agent's bits do not depend on it.
bool uses_cublas(const ProductChoice& choice, const LayerShape& shape);

/// Whether cuBLAS multiplies for any layer of this training.
bool uses_cublas(const Config& config);

/// What linear layers need besides their operands.
struct LinearWorkspace {
  LinearWorkspace(const Config& config, MemoryBudget& budget);
  DeviceBuffer<float> weight_gradient_parts;  // for all layers of an agent's critics at once
  DeviceBuffer<std::uint8_t> cublas;          // empty if cuBLAS is never used
};

/// Queues linear layers, forwards and backwards, on one stream. Each call takes layers of all
/// agents that do not need each other's results: by our kernels they share launches.
class LinearOperations {
 public:
  LinearOperations(const ProductChoice& choice, const Stream& stream, LinearWorkspace workspace);

  /// How kernels may follow each other in a graph that these are in: cuBLAS's do not wait for the
  /// ones before them.
  Launches launches() const { return cublas_ ? Launches::in_turn : Launches::overlapping; }

  cudaStream_t stream() const { return stream_; }

  /// Y = activation(X W^T + b).
  void forward(std::span<const kernels::LinearForward> layers) const;
  void forward(const kernels::LinearForward& layer) const { forward(std::span(&layer, 1)); }

  /// dX = (dY W) * activation'(X).
  void backward_input(std::span<const kernels::LinearBackwardInput> layers) const;
  void backward_input(const kernels::LinearBackwardInput& layer) const {
    backward_input(std::span(&layer, 1));
  }

  /// dW = dY^T X, db = column sums of dY; of networks of one kind. The workspaces are filled in
  /// here.
  void backward_weight(std::span<const kernels::LinearBackwardWeight> layers) const;
  void backward_weight(const kernels::LinearBackwardWeight& layer) const {
    backward_weight(std::span(&layer, 1));
  }

 private:
  template <class... Strides>
  bool by_cublas(const LayerShape& shape, Strides... agent_strides) const;
  bool by_cublas(const kernels::LinearForward& layer) const;
  bool by_cublas(const kernels::LinearBackwardInput& layer) const;
  bool by_cublas(const kernels::LinearBackwardWeight& layer) const;

  void multiply_by_cublas(const kernels::LinearForward& layer) const;
  void multiply_by_cublas(const kernels::LinearBackwardInput& layer) const;
  void multiply_by_cublas(const kernels::LinearBackwardWeight& layer) const;

  template <class Layer>
  std::vector<Layer> multiply_by_cublas_or_return(std::span<const Layer> layers) const;

  ProductChoice choice_;
  cudaStream_t stream_;
  DeviceBuffer<float> weight_gradient_parts_;
  std::optional<CublasHandle> cublas_;
};

}  // namespace polyak::cuda
