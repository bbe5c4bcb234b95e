#pragma once

// Numbers of threads and blocks.

#include <cstdint>

#include "kernels/portability.cuh"
#include "polyak/core/host_device.hpp"

namespace polyak::kernels {

POLYAK_HOST_DEVICE constexpr std::int64_t divide_up(std::int64_t count, std::int64_t size) {
  return (count + size - 1) / size;
}

/// This thread's number in x: over the whole grid, within 64 bits.
__device__ inline std::int64_t global_thread() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

}  // namespace polyak::kernels
