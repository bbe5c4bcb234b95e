// Batch normalisation, forwards and backwards (polyak/core/batch_norm.hpp).
#pragma once

#include <cuda_runtime_api.h>

#include <span>

#include "kernels/arrays.hpp"
#include "polyak/core/activation.hpp"
#include "polyak/core/batch_norm.hpp"

namespace polyak::kernels {

inline constexpr int max_batch_norms = 4;

/// Some normalised features of every agent. Any size may be zero.
struct BatchNorm {
  int agents, rows, columns;
  Activation activation;
  ConstVectorBatch weight, bias;  // g, h: [columns]
};

/// Y = activation(g * normalised(X) + h), by the rows' own statistics or by the running ones.
struct BatchNormForward {
  BatchNorm layer;
  BatchNormMode mode;
  float momentum;                              // share of these rows in the running statistics
  ConstStridedBatch input;                     // X: [rows, columns]
  StridedBatch output;                         // Y: [rows, columns]; may be X
  VectorBatch running_mean, running_variance;  // [columns]; written in training
  // For the way back, but for evaluation, from which there is none; data may be nullptr.
  StridedBatch normalised;        // [rows, columns]
  VectorBatch inverse_deviation;  // [columns]; not written without `normalised`
};

/// From the gradient before the activation to those of the parameters, sums over the rows, and, in
/// place, to that of X.
struct BatchNormBackward {
  BatchNorm layer;
  StridedBatch gradient;               // [rows, columns]
  ConstStridedBatch normalised;        // as BatchNormForward left them
  ConstVectorBatch inverse_deviation;  // [columns]
  VectorBatch weight_gradient;         // dL/dg: [columns]
  VectorBatch bias_gradient;           // dL/dh: [columns]
};

/// Up to max_batch_norms layers that are equal in agents and sizes, in one launch.
cudaError_t launch_batch_norm_forward(std::span<const BatchNormForward> layers,
                                      cudaStream_t stream);
cudaError_t launch_batch_norm_backward(std::span<const BatchNormBackward> layers,
                                       cudaStream_t stream);

}  // namespace polyak::kernels
