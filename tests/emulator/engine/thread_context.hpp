#pragma once

#include <cuda_runtime.h>

namespace polyak::emulator {

/// What a CUDA thread can ask about itself beyond threadIdx, blockIdx, blockDim and gridDim.
struct ThreadContext {
  uint3 thread_index{};
  uint3 block_index{};
  dim3 cluster_dimensions{1, 1, 1};
  unsigned rank_in_block = 0;
  unsigned lane = 0;
  unsigned rank_in_cluster = 0;
};

/// The CUDA thread that runs now; null outside kernels.
extern constinit thread_local const ThreadContext* current_thread_context;

/// The number of elements that `dimensions` span.
inline unsigned volume(dim3 dimensions) { return dimensions.x * dimensions.y * dimensions.z; }

}  // namespace polyak::emulator
