#pragma once

// What every launcher needs: grid sizes and a launch configuration.

#include <cstddef>
#include <cstdint>

#include "kernels/grid.cuh"

namespace polyak::kernels {

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

}  // namespace polyak::kernels
