#include "emulator/test/kernels/kernels.cuh"

// Kernels with one deliberate mistake each, in how they use memory.

namespace polyak::emulator_tests {

/// No barrier between the write and the neighbour's read.
__global__ void bug_missing_barrier_before_read(float* out) {
  POLYAK_SHARED(float, values, [64]);
  values[threadIdx.x] = static_cast<float>(threadIdx.x);
  out[threadIdx.x] = values[(threadIdx.x + 1) % 64];
}

/// No barrier between the neighbour's read and the next write.
__global__ void bug_missing_barrier_before_write(float* out) {
  POLYAK_SHARED(float, values, [64]);
  float sum = 0.0f;
  for (unsigned round = 0; round < 3; ++round) {
    values[threadIdx.x] = static_cast<float>(threadIdx.x + round);
    __syncthreads();
    sum += values[(threadIdx.x + 1) % 64];
  }
  out[threadIdx.x] = sum;
}

/// No __syncwarp between the lanes' reads and their next writes.
__global__ void bug_missing_syncwarp(float* out) {
  POLYAK_SHARED(float, ring, [32]);
  ring[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncwarp();
  const float next = ring[(threadIdx.x + 1) % 32];
  ring[threadIdx.x] = next;
  __syncwarp();
  out[threadIdx.x] = ring[threadIdx.x];
}

/// No barrier between one warp's reads, after one warp operation, and the other's writes, after
/// four: right as long as warps keep pace with each other.
__global__ void bug_relies_on_pace(float* out) {
  POLYAK_SHARED(float, values, [32]);
  const unsigned lane = threadIdx.x % 32;
  if (threadIdx.x < 32) values[lane] = 1.0f;
  __syncthreads();
  if (threadIdx.x < 32) {
    __syncwarp();
    out[lane] = values[lane];
    return;
  }
  for (int i = 0; i < 4; ++i) __syncwarp();
  values[lane] = 2.0f;
}

/// Each block relies on the one before it.
__global__ void bug_depends_on_other_block(float* out) {
  out[blockIdx.x] = blockIdx.x > 0 ? out[blockIdx.x - 1] + 1.0f : 1.0f;
}

/// A block's barrier where the grid's is needed.
__global__ void bug_missing_grid_barrier(float* x, float* out) {
  const auto grid = cooperative_groups::this_grid();
  const unsigned i = static_cast<unsigned>(grid.thread_rank());
  const unsigned n = static_cast<unsigned>(grid.size());
  x[i] = static_cast<float>(i);
  __syncthreads();
  out[i] = x[n - 1 - i];
}

/// Reads an element of shared memory that nobody wrote.
__global__ void bug_uninitialised_static(float* out) {
  POLYAK_SHARED(float, values, [32]);
  if (threadIdx.x < 31) values[threadIdx.x] = 1.0f;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x];
}

__global__ void bug_uninitialised_dynamic(float* out) {
  POLYAK_DYNAMIC_SHARED(float, values);
  if (threadIdx.x < 31) values[threadIdx.x] = 1.0f;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x];
}

/// With offset 1 the last of 32 threads writes one element too far, where another variable could
/// lie.
__global__ void write_static_shared(float* out, unsigned offset) {
  POLYAK_SHARED(float, values, [32]);
  POLYAK_SHARED(float, neighbour, [32]);
  neighbour[threadIdx.x] = 0.0f;
  float* first = &values[0];
  first[threadIdx.x + offset] = 1.0f;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x] + neighbour[threadIdx.x];
}

/// The same in dynamic shared memory of 32 floats.
__global__ void write_dynamic_shared(float* out, unsigned offset) {
  POLYAK_DYNAMIC_SHARED(float, values);
  values[threadIdx.x + offset] = 1.0f;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x];
}

/// The same in global memory of as many floats as there are threads.
__global__ void write_global(float* out, unsigned offset) { out[threadIdx.x + offset] = 1.0f; }

/// 40 KiB of static shared memory, to be launched with dynamic memory on top.
__global__ void use_much_static_shared(float* out) {
  POLYAK_SHARED(float, values, [10 * 1024]);
  values[threadIdx.x] = 1.0f;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x];
}

}  // namespace polyak::emulator_tests
