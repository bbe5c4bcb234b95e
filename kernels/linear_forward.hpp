// Linear layers, forwards.
#pragma once

#include <cuda_runtime_api.h>

#include <span>

#include "kernels/arrays.hpp"
#include "polyak/core/activation.hpp"
#include "polyak/core/precision.hpp"

namespace polyak::kernels {

/// Y = activation(X W^T + b) for every agent. Any size may be zero.
struct LinearForward {
  int agents, batch, inputs, outputs;
  Activation activation;
  ConstStridedBatch input;                // X: [batch, inputs]
  ConstStridedBatch weight;               // W: [outputs, inputs]
  ConstVectorBatch bias;                  // b: [outputs]
  StridedBatch output;                    // Y: [batch, outputs]; must not overlap X, W or b
  Precision precision = Precision::fp32;  // of the operands; below sm_80 only fp32
};

/// Layers that do not need each other's output, and that agree in agents and precision; together
/// they take one launch where they are of similar size. A layer's bits do not depend on the others.
cudaError_t launch_linear_forward(std::span<const LinearForward> layers, cudaStream_t stream);
inline cudaError_t launch_linear_forward(const LinearForward& layer, cudaStream_t stream) {
  return launch_linear_forward(std::span(&layer, 1), stream);
}

/// Y = activation(Y + b) in place: what remains when another library computed Y = X W^T.
struct BiasActivation {
  int agents, batch, outputs;
  Activation activation;
  ConstVectorBatch bias;  // b: [outputs]
  StridedBatch output;    // Y: [batch, outputs]
};
cudaError_t launch_bias_activation(const BiasActivation& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
