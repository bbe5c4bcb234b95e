// Linear layers, forwards.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/arrays.hpp"
#include "polyak/core/activation.hpp"

namespace polyak::kernels {

/// Y = activation(X W^T + b) for every agent. Any size may be zero.
struct LinearForward {
  int agents, batch, inputs, outputs;
  Activation activation;
  ConstMatrices input;   // X: [batch, inputs]
  ConstMatrices weight;  // W: [outputs, inputs]
  ConstVectors bias;     // b: [outputs]
  Matrices output;       // Y: [batch, outputs]; must not overlap X, W or b
};
cudaError_t launch_linear_forward(const LinearForward& arguments, cudaStream_t stream);

/// Y = activation(Y + b) in place: what remains when another library computed Y = X W^T.
struct BiasActivation {
  int agents, batch, outputs;
  Activation activation;
  ConstVectors bias;  // b: [outputs]
  Matrices output;    // Y: [batch, outputs]
};
cudaError_t launch_bias_activation(const BiasActivation& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
