// Clipping gradients by their norm.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace polyak::kernels {

/// How many blocks share a network's gradient.
int gradient_norm_blocks(std::int64_t parameters);

/// scale = what a network's gradient is to be multiplied by so that its Euclidean norm is at most
/// the agent's largest_norm (clipping_scale in polyak/core/adam.hpp).
struct GradientNorm {
  int agents, networks;       // networks of an agent
  std::int64_t parameters;    // of one network
  const float* gradient;      // [agents, networks, parameters]
  const float* largest_norm;  // [agents]; 0: no limit
  float* scale;               // [agents, networks]
  double* parts;              // [agents, networks, gradient_norm_blocks]: scratch
  unsigned* arrivals;         // [agents, networks], zero before and after
};
cudaError_t launch_gradient_norm(const GradientNorm& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
