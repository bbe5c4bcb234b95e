// POLYAK_HOST_DEVICE marks a function that the CPU and the GPU share: one source, two builds.
#pragma once

#if defined(__CUDACC__)
#define POLYAK_HOST_DEVICE __host__ __device__ __forceinline__
#else
#define POLYAK_HOST_DEVICE inline
#endif
