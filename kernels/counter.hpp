// Counters in device memory.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace polyak::kernels {

/// *counter += increment. A replayed graph freezes its kernels' arguments, so what counts its
/// replays must be in device memory: the vector steps made and the updates made.
cudaError_t launch_advance_counter(std::int64_t* counter, std::int64_t increment,
                                   cudaStream_t stream);

}  // namespace polyak::kernels
