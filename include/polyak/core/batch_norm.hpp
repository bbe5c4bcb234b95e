// Batch normalisation (Ioffe & Szegedy 2015, arXiv 1502.03167), shared by CPU and GPU.
//
// For one feature x over the n rows of a batch:
//   normalised = (x - mean(x)) / sqrt(variance + epsilon), variance = mean((x - mean(x))^2);
//   y = g * normalised + h.
// Backwards, over the rows:
//   dL/dh = sum(dL/dy);  dL/dg = sum(dL/dy * normalised);
//   dL/dx = g * (dL/dy - dL/dh / n - normalised * dL/dg / n) / sqrt(...).
// In evaluation the running mean and variance take the batch's place. They follow it with the
// variance's unbiased estimate, as PyTorch's do: n / (n - 1) times the one above.
#pragma once

#include <cmath>

#include "polyak/core/host_device.hpp"

namespace polyak {

/// What a pass normalises by, and whether the running statistics follow it.
enum class BatchNormMode {
  evaluation,  // the running statistics, which stay as they are
  batch,       // the batch's; the running ones stay as they are
  training,    // the batch's, which the running ones follow
};

inline constexpr float batch_norm_epsilon = 1e-5f;  // PyTorch's

/// 1 / sqrt(variance + epsilon).
POLYAK_HOST_DEVICE float inverse_batch_deviation(float variance) {
  return 1.0f / sqrtf(variance + batch_norm_epsilon);
}

/// One running mean and variance after a batch of `rows`; `variance` is the batch's own.
POLYAK_HOST_DEVICE void follow_batch(float momentum, int rows, float mean, float variance,
                                     float& running_mean, float& running_variance) {
  const float unbiased = variance * (static_cast<float>(rows) / static_cast<float>(rows - 1));
  running_mean += momentum * (mean - running_mean);
  running_variance += momentum * (unbiased - running_variance);
}

}  // namespace polyak
