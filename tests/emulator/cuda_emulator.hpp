#pragma once

// What a kernel source sees in place of nvcc's built-ins. Kernel sources include it through
// kernels/portability.cuh; host code that is to run on the emulator is compiled with it as well,
// because it changes cudaLaunchKernelEx.

// Toolkit headers that mention threadIdx or min() come first: what follows must not touch them.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <curand_philox4x32_x.h>

// The same declarations as in the toolkit's device_launch_parameters.h.
extern const uint3 threadIdx;
extern const uint3 blockIdx;
extern const dim3 blockDim;
extern const dim3 gridDim;
inline constexpr int warpSize = 32;

#undef __launch_bounds__
#define __launch_bounds__(...)
#undef __grid_constant__
#define __grid_constant__

// A cluster size fixed in the kernel would be lost here, so it does not compile.
#undef __cluster_dims__
#define __cluster_dims__(...) give_the_cluster_size_as_a_launch_attribute

#include "emulator/device/arithmetic.hpp"
#include "emulator/device/atomics.hpp"
#include "emulator/device/cooperative_groups.hpp"
#include "emulator/device/memory_intrinsics.hpp"
#include "emulator/device/synchronization.hpp"
#include "emulator/device/tensor_core.hpp"
#include "emulator/device/warp_intrinsics.hpp"
#include "emulator/engine/async_copies.hpp"
#include "emulator/engine/shared_memory.hpp"
#include "emulator/engine/yielding.hpp"
#include "emulator/error.hpp"
#include "emulator/options.hpp"
#include "emulator/runtime/launch_template.hpp"

/// To be called in every loop that waits for another thread.
#define POLYAK_SPIN_PAUSE() ::polyak::emulator::spin_pause()
