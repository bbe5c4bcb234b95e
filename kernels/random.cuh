#pragma once

// The GPU's random numbers: cuRAND's Philox 4x32-10 on the counters of polyak/core/philox.hpp
// (Salmon et al., SC 2011).

#include "kernels/portability.cuh"
#include "polyak/core/philox.hpp"

// cuRAND's function is for the device alone unless told otherwise; the functions that CPU and GPU
// share are for both.
#if defined(__CUDACC__)
#define QUALIFIERS static __forceinline__ __host__ __device__
#include <curand_philox4x32_x.h>
#undef QUALIFIERS
#endif

namespace polyak::kernels {

/// The random numbers of one agent, bit for bit those of polyak::PhiloxRandom with the same seed.
struct CurandRandom {
  std::uint64_t seed;

  POLYAK_HOST_DEVICE RandomBits operator()(std::uint32_t index, std::uint64_t step, Purpose purpose,
                                           std::uint32_t draw = 0) const {
    const RandomBits counter = random_counter(index, step, purpose, draw);
    const uint4 bits =
        curand_Philox4x32_10(uint4{counter.x, counter.y, counter.z, counter.w},
                             uint2{static_cast<unsigned>(seed), static_cast<unsigned>(seed >> 32)});
    return {bits.x, bits.y, bits.z, bits.w};
  }
};

}  // namespace polyak::kernels
