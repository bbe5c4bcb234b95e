// The device's random numbers by themselves.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "polyak/core/philox.hpp"

namespace polyak::kernels {

/// The bits that agents draw, for holding a device's generator against the CPU's.
struct RandomBitsTable {
  int agents;
  std::uint32_t indices;  // 0 to indices - 1
  std::uint64_t step;
  Purpose purpose;
  std::uint32_t draw;
  const std::uint64_t* seed;  // [agents]
  RandomBits* bits;           // [agents, indices]
};
cudaError_t launch_random_bits(const RandomBitsTable& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
