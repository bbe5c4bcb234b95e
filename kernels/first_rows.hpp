// The first row of every environment's replay.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/replay.hpp"

namespace polyak::kernels {

/// Row 0 of every environment becomes the one given.
struct StoreFirstRows {
  int agents;
  // [agents, environments, layout.floats()]; may be page-locked memory of the host
  const float* rows;
  Replays replays;
};
cudaError_t launch_store_first_rows(const StoreFirstRows& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
