// Layer normalisation, forwards and backwards (polyak/core/layer_norm.hpp).
#pragma once

#include <cuda_runtime_api.h>

#include <span>

#include "kernels/arrays.hpp"
#include "polyak/core/activation.hpp"

namespace polyak::kernels {

inline constexpr int max_layer_norms = 4;

/// One normalised layer of every agent. Any size may be zero.
struct LayerNorm {
  int agents, rows, columns;
  Activation activation;
  ConstVectorBatch weight, bias;  // g, h: [columns]
};

/// Y = activation(g * normalised(X) + h), in place.
struct LayerNormForward {
  LayerNorm layer;
  StridedBatch value;             // X, then Y: [rows, columns]
  StridedBatch normalised;        // [rows, columns], for the way back; data may be nullptr
  VectorBatch inverse_deviation;  // [rows]; not written without `normalised`
};

/// From the gradient before the activation to that of X, in place; with weight_gradient also the
/// parameters', the sums over the rows.
struct LayerNormBackward {
  LayerNorm layer;
  StridedBatch gradient;               // [rows, columns]
  ConstStridedBatch normalised;        // as LayerNormForward left them
  ConstVectorBatch inverse_deviation;  // [rows]
  VectorBatch weight_gradient;         // dL/dg: [columns], or data = nullptr
  VectorBatch bias_gradient;           // dL/dh: [columns]
  int steps = 1;                       // the rows are of sequences of so many steps (RowOrder)
};

/// Up to max_layer_norms layers that are equal in agents and sizes, in one launch (backwards with
/// parameters: two).
cudaError_t launch_layer_norm_forward(std::span<const LayerNormForward> layers,
                                      cudaStream_t stream);
cudaError_t launch_layer_norm_backward(std::span<const LayerNormBackward> layers,
                                       cudaStream_t stream);

}  // namespace polyak::kernels
