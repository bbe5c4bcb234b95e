#pragma once

// The one include of kernel sources. The same source compiles with nvcc for a GPU and with an
// ordinary C++ compiler for the emulator in tests/emulator. What a kernel must do for that:
//
//   - shared memory only through POLYAK_SHARED and POLYAK_DYNAMIC_SHARED;
//   - POLYAK_SPIN_PAUSE() in every loop that waits for another thread;
//   - inline PTX only within wrappers that have a plain body too, such as those included here;
//   - launches through cudaLaunchKernelEx, a cluster's size as an attribute of the launch.

#if defined(__CUDACC__)

// Not <cooperative_groups.h>: nvcc would take seven seconds for the smallest kernel instead of one.
#include <cuda_runtime.h>

/// Declares `name` as a shared variable of type `T dims`; `dims` may be empty.
#define POLYAK_SHARED(T, name, dims) __shared__ T name dims

/// Declares `name` as a pointer to the block's dynamic shared memory, aligned to 16 bytes.
#define POLYAK_DYNAMIC_SHARED(T, name)                                         \
  extern __shared__ __align__(16) unsigned char polyak_dynamic_shared_bytes[]; \
  T* const name = reinterpret_cast<T*>(polyak_dynamic_shared_bytes)

/// To be called in every loop that waits for another thread.
#define POLYAK_SPIN_PAUSE() __nanosleep(32)

/// A device function that is called, not copied to where it is called from.
#define POLYAK_OUT_OF_LINE __noinline__

#else

#include "emulator/cuda_emulator.hpp"

#define POLYAK_OUT_OF_LINE __attribute__((noinline))

#endif

#include "async_copy.cuh"
#include "cluster.cuh"
#include "dependent_launch.cuh"
