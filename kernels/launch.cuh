#pragma once

// What every launcher needs: grid sizes and a launch configuration.

#include <cstddef>
#include <cstdint>

#include "kernels/portability.cuh"
#include "polyak/core/host_device.hpp"

namespace polyak::kernels {

POLYAK_HOST_DEVICE constexpr std::int64_t divide_up(std::int64_t count, std::int64_t size) {
  return (count + size - 1) / size;
}

/// A grid dimension. A count beyond the device's limits makes the launch fail, never wrap.
constexpr unsigned grid_size(std::int64_t count) {
  return count <= 0x7fffffff ? static_cast<unsigned>(count) : 0xffffffffu;
}

/// A launch of `grid` blocks of `threads` threads on `stream`.
inline cudaLaunchConfig_t launch_config(dim3 grid, int threads, cudaStream_t stream,
                                        std::size_t dynamic_shared_bytes = 0) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = dim3(static_cast<unsigned>(threads), 1, 1);
  config.dynamicSmemBytes = dynamic_shared_bytes;
  config.stream = stream;
  return config;
}

/// This thread's number in x: over the whole grid, within 64 bits.
__device__ inline std::int64_t global_thread() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

}  // namespace polyak::kernels
