// Linear layers, backwards to their input.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/arrays.hpp"
#include "polyak/core/activation.hpp"

namespace polyak::kernels {

/// dX = (dY W) * activation'(X) for every agent: from the gradient before this layer's activation
/// to the gradient before the previous layer's activation, whose output X is. Any size may be zero.
/// To get the gradient of a block of input columns, let `weight` and `input` start at its first
/// column.
struct LinearBackwardInput {
  int agents, batch, inputs, outputs;
  Activation activation;          // of the layer that made X; identity where X is no activation
  ConstMatrices output_gradient;  // dY: [batch, outputs]
  ConstMatrices weight;           // W: [outputs, inputs]
  ConstMatrices input;            // X: [batch, inputs]; not read for the identity
  Matrices input_gradient;        // dX: [batch, inputs]; must not overlap the others
};
cudaError_t launch_linear_backward_input(const LinearBackwardInput& arguments, cudaStream_t stream);

/// dX = dX * activation'(X) in place: what remains when another library computed dX = dY W.
struct ActivationBackward {
  int agents, batch, inputs;
  Activation activation;
  ConstMatrices input;      // X: [batch, inputs]; not read for the identity
  Matrices input_gradient;  // dX: [batch, inputs]
};
cudaError_t launch_activation_backward(const ActivationBackward& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
