// The norms of gradients, for the reports and for clipping.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/update_totals.hpp"

namespace polyak::kernels {

/// Some of a network's parameters, as a matrix; a vector is a matrix of one column.
struct GradientMatrix {
  std::int64_t offset;  // in the network's parameters
  std::int64_t rows, columns;
  std::int64_t first_tile;  // in the order of polyak/core/summation.hpp
};

/// Adds the Euclidean norm of a network's gradient, the mean over an agent's networks, to the
/// agent's totals. With largest_norm also scale = what a network's gradient is to be multiplied by
/// so that its norm is at most that (clipping_scale in polyak/core/adam.hpp).
struct GradientNorm {
  int agents, networks;            // networks of an agent
  std::int64_t parameters;         // of one network
  const float* gradient;           // [agents, networks, parameters]
  const float* largest_norm;       // [agents], 0: no limit; nullptr: nobody has one
  float* scale;                    // [agents, networks]; with largest_norm
  const GradientMatrix* matrices;  // [matrix_count]: the network's, on the device
  int matrix_count;
  std::int64_t tiles;    // of all matrices
  double* tile_sums;     // [agents, networks, tiles]: scratch
  unsigned* arrivals;    // [agents], zero before and after
  UpdateTotals* totals;  // [agents]
  bool of_actor;         // which sum of the totals
};
cudaError_t launch_gradient_norm(const GradientNorm& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
