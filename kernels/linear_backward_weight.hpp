// Linear layers, backwards to their parameters.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/arrays.hpp"

namespace polyak::kernels {

/// dW = dY^T X and db = column sums of dY, for every agent. An empty batch gives zeros.
struct LinearBackwardWeight {
  int agents, batch, inputs, outputs;
  ConstMatrices output_gradient;  // dY: [batch, outputs], before this layer's activation
  ConstMatrices input;            // X: [batch, inputs]
  Matrices weight_gradient;       // dW: [outputs, inputs]
  Vectors bias_gradient;          // db: [outputs]
  // Partial sums, linear_backward_weight_workspace() floats; may be nullptr if that is zero. The
  // launches of one stream may share it: nothing is kept from one to the next.
  float* workspace;
};
cudaError_t launch_linear_backward_weight(const LinearBackwardWeight& arguments,
                                          cudaStream_t stream);

/// Floats of workspace that a LinearBackwardWeight of this shape needs.
std::int64_t linear_backward_weight_workspace(int agents, int batch, int inputs, int outputs);

/// db = column sums of dY alone: what remains when another library computed dW. The bits are not
/// those of launch_linear_backward_weight, whose sums go together with its products.
struct BiasGradient {
  int agents, batch, outputs;
  ConstMatrices output_gradient;  // dY: [batch, outputs]
  Vectors bias_gradient;          // db: [outputs]
};
cudaError_t launch_bias_gradient(const BiasGradient& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
