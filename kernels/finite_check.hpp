// Whether arrays are free of NaN and infinity.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace polyak::kernels {

/// found[agent] becomes 1 if one of the agent's values is NaN or infinite, and is left alone
/// otherwise.
struct FindNonFinite {
  int agents;
  std::int64_t count;   // values of each agent
  const float* values;  // [agents, count]
  std::int32_t* found;  // [agents]
};
cudaError_t launch_find_non_finite(const FindNonFinite& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
