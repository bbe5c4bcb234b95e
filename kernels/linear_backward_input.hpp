// Linear layers, backwards to their input.
#pragma once

#include <cuda_runtime_api.h>

#include <span>

#include "kernels/arrays.hpp"
#include "polyak/core/activation.hpp"
#include "polyak/core/precision.hpp"

namespace polyak::kernels {

/// dX = (dY W) * activation'(X) for every agent: from the gradient before this layer's activation
/// to the gradient before the previous layer's activation, whose output X is. Any size may be zero.
/// To get the gradient of a block of input columns, let `weight` and `input` start at its first
/// column.
struct LinearBackwardInput {
  int agents, batch, inputs, outputs;
  Activation activation;              // of the layer that made X; identity where X is no activation
  ConstStridedBatch output_gradient;  // dY: [batch, outputs]
  ConstStridedBatch weight;           // W: [outputs, inputs]
  ConstStridedBatch input;            // X: [batch, inputs]; not read for the identity
  StridedBatch input_gradient;        // dX: [batch, inputs]; must not overlap the others
  Precision precision = Precision::fp32;  // of the operands; below sm_80 only fp32
};

/// Layers that do not need each other's gradient, as in launch_linear_forward (linear_forward.hpp).
cudaError_t launch_linear_backward_input(std::span<const LinearBackwardInput> layers,
                                         cudaStream_t stream);
inline cudaError_t launch_linear_backward_input(const LinearBackwardInput& layer,
                                                cudaStream_t stream) {
  return launch_linear_backward_input(std::span(&layer, 1), stream);
}

/// dX = dX * activation'(X) in place: what remains when another library computed dX = dY W.
struct ActivationBackward {
  int agents, batch, inputs;
  Activation activation;
  ConstStridedBatch input;      // X: [batch, inputs]; not read for the identity
  StridedBatch input_gradient;  // dX: [batch, inputs]
};
cudaError_t launch_activation_backward(const ActivationBackward& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
