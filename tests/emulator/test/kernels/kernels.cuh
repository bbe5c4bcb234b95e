#pragma once

#if defined(__CUDACC__)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cuda_bf16.h>
#endif

#include "kernels/portability.cuh"
#include "kernels/tensor_core.cuh"

// The kernels of the emulator's tests. Each is described where it is defined.

namespace polyak::emulator_tests {

// linear.cu
template <int Tile>
__global__ void tiled_linear(const float* __restrict__ x, const float* __restrict__ w,
                             const float* __restrict__ b, float* __restrict__ y, int rows,
                             int inputs, int outputs);
__global__ void row_linear(const float* __restrict__ x, const float* __restrict__ w,
                           const float* __restrict__ b, float* __restrict__ y, int inputs,
                           int outputs);

// warps.cu
__global__ void reduce_sum(const float* x, float* out, unsigned n);
__global__ void exercise_warp(int* out);
__global__ void rotate_by_syncwarp(int* out);
__global__ void block_votes(int* out, unsigned below);
__global__ void tile_reductions(const float* x, float* out);

// groups.cu
__global__ void mirror_means(float* x, float* scratch, int rounds);
__global__ void cluster_sum(const float* x, float* out, unsigned per_block);
__global__ void cluster_neighbours(int* out);
__global__ void hand_over(int* flag, float* value);
__global__ void last_block_adds(float* parts, unsigned* arrivals, float* out);

// copies_and_tensors.cu
__global__ void double_with_async_copies(const float* x, float* out, unsigned n);
__global__ void bug_missing_copy_wait(const float* x, float* out);
__global__ void bug_waits_for_too_few_groups(const float* x, float* out);
__global__ void bug_abandoned_copy(const float* x);
__global__ void bug_misaligned_copy(const float* x);
__global__ void multiply_tf32(const float* a, const float* b, float* d, unsigned depth);
__global__ void multiply_tf32x3(const float* a, const float* b, float* d, unsigned depth);
__global__ void multiply_bf16(const float* a, const float* b, float* d, unsigned depth);

// elementwise.cu
__global__ void count_up(float* out, int n, float offset);
__global__ void scale_and_shift(float* x, int n, float scale, float shift);
__global__ void subtract(const float* a, const float* b, float* out, int n);
__global__ void normal_noise(float* out, unsigned long long seed);
__global__ void record_indices(unsigned* out);
__global__ void exercise_atomics(unsigned* out);

// broken_barriers.cu
__global__ void bug_divergent_barrier(float* out);
__global__ void bug_two_barriers(float* out);
__global__ void bug_early_return(float* out, unsigned n);
__global__ void bug_shuffle_names_absent_lanes(float* out);
__global__ void bug_not_in_own_mask(float* out);
__global__ void bug_shuffle_meets_vote(float* out);
__global__ void bug_shuffle_against_barrier(float* out);
__global__ void bug_endless_wait(int* flag);
__global__ void bug_endless_wait_without_pause(int* flag);
__global__ void bug_endless_warp_operations(int* flag);
__global__ void bug_leaves_before_peer_reads(float* out);
__global__ void bug_leaves_after_being_mapped(float* out);
__global__ void bug_cluster_wait_without_arrival();
__global__ void bug_cluster_arrives_twice();
__global__ void bug_maps_global_memory(float* out);
__global__ void bug_traps();

// broken_memory.cu
__global__ void bug_missing_barrier_before_read(float* out);
__global__ void bug_missing_barrier_before_write(float* out);
__global__ void bug_missing_syncwarp(float* out);
__global__ void bug_relies_on_pace(float* out);
__global__ void bug_depends_on_other_block(float* out);
__global__ void bug_missing_grid_barrier(float* x, float* out);
__global__ void bug_uninitialised_static(float* out);
__global__ void bug_uninitialised_dynamic(float* out);
__global__ void write_static_shared(float* out, unsigned offset);
__global__ void write_dynamic_shared(float* out, unsigned offset);
__global__ void write_global(float* out, unsigned offset);
__global__ void use_much_static_shared(float* out);

}  // namespace polyak::emulator_tests
