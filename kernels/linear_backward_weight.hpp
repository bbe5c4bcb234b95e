// Linear layers, backwards to their parameters.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>

#include "kernels/arrays.hpp"
#include "polyak/core/precision.hpp"
#include "polyak/core/summation.hpp"

namespace polyak::kernels {

/// dW = dY^T X and db = column sums of dY, for every agent. An empty batch gives zeros.
struct LinearBackwardWeight {
  int agents, batch, inputs, outputs;
  ConstStridedBatch output_gradient;  // dY: [batch, outputs], before this layer's activation
  ConstStridedBatch input;            // X: [batch, inputs]
  StridedBatch weight_gradient;       // dW: [outputs, inputs]
  VectorBatch bias_gradient;          // db: [outputs]
  // Partial sums, linear_backward_weight_workspace() floats; may be nullptr if that is zero.
  // Nothing is kept from one launch to the next.
  float* workspace;
  Precision precision = Precision::fp32;  // of the operands; below sm_80 only fp32
  int steps = 1;                          // the batch is of sequences of so many steps (RowOrder)
};

/// Layers whose results and workspaces do not overlap, as in launch_linear_forward
/// (linear_forward.hpp).
cudaError_t launch_linear_backward_weight(std::span<const LinearBackwardWeight> layers,
                                          cudaStream_t stream);
inline cudaError_t launch_linear_backward_weight(const LinearBackwardWeight& layer,
                                                 cudaStream_t stream) {
  return launch_linear_backward_weight(std::span(&layer, 1), stream);
}

/// Floats of workspace that a LinearBackwardWeight of this shape needs.
std::int64_t linear_backward_weight_workspace(int agents, const RowOrder& rows, int inputs,
                                              int outputs);

/// db = column sums of dY alone: what remains when another library computed dW. The bits are not
/// those of launch_linear_backward_weight, whose sums go together with its products.
struct BiasGradient {
  int agents, batch, outputs;
  ConstStridedBatch output_gradient;  // dY: [batch, outputs]
  VectorBatch bias_gradient;          // db: [outputs]
};
cudaError_t launch_bias_gradient(const BiasGradient& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
