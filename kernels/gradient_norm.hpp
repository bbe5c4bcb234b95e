// The norms of gradients, for the reports and for clipping.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/update_totals.hpp"

namespace polyak::kernels {

/// How many blocks share a network's gradient.
int gradient_norm_blocks(std::int64_t parameters);

/// Adds the Euclidean norm of a network's gradient, the mean over an agent's networks, to the
/// agent's totals. With largest_norm also scale = what a network's gradient is to be multiplied by
/// so that its norm is at most that (clipping_scale in polyak/core/adam.hpp).
struct GradientNorm {
  int agents, networks;       // networks of an agent
  std::int64_t parameters;    // of one network
  const float* gradient;      // [agents, networks, parameters]
  const float* largest_norm;  // [agents], 0: no limit; nullptr: nobody has one
  float* scale;               // [agents, networks]; with largest_norm
  double* parts;              // [agents, networks, gradient_norm_blocks]: scratch
  unsigned* arrivals;         // [agents], zero before and after
  UpdateTotals* totals;       // [agents]
  bool of_actor;              // which sum of the totals
};
cudaError_t launch_gradient_norm(const GradientNorm& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
