#include "emulator/test/kernels/kernels.cuh"

// Kernels with one deliberate mistake each, in how their threads meet.

namespace polyak::emulator_tests {

/// Half of the warp never comes to the barrier: it leaves.
__global__ void bug_divergent_barrier(float* out) {
  if (threadIdx.x < 16) __syncthreads();
  out[threadIdx.x] = 1.0f;
}

/// The halves of the warp come to different barriers.
__global__ void bug_two_barriers(float* out) {
  if (threadIdx.x < 16) {
    __syncthreads();
    out[threadIdx.x] = 1.0f;
  } else {
    __syncthreads();
  }
}

/// Threads without work return before the barrier.
__global__ void bug_early_return(float* out, unsigned n) {
  if (threadIdx.x >= n) return;
  __syncthreads();
  out[threadIdx.x] = 1.0f;
}

/// The full mask in a branch that half of the warp takes.
__global__ void bug_shuffle_names_absent_lanes(float* out) {
  float value = static_cast<float>(threadIdx.x);
  if (threadIdx.x < 16) value = __shfl_xor_sync(0xffffffffu, value, 1);
  out[threadIdx.x] = value;
}

/// A lane that calls with a mask in which it is not.
__global__ void bug_not_in_own_mask(float* out) {
  out[threadIdx.x] = __shfl_xor_sync(0x0000ffffu, 1.0f, 1);
}

/// Half of the warp shuffles while the other half votes.
__global__ void bug_shuffle_meets_vote(float* out) {
  float value = static_cast<float>(threadIdx.x);
  if (threadIdx.x < 16) {
    value = __shfl_xor_sync(0xffffffffu, value, 1);
  } else {
    value = static_cast<float>(__ballot_sync(0xffffffffu, value > 3.0f));
  }
  out[threadIdx.x] = value;
}

/// Half of the warp waits for the others at a shuffle, and these for it at a barrier.
__global__ void bug_shuffle_against_barrier(float* out) {
  float value = static_cast<float>(threadIdx.x);
  if (threadIdx.x < 16) value = __shfl_xor_sync(0xffffffffu, value, 1);
  __syncthreads();
  out[threadIdx.x] = value;
}

/// Waits for a flag that nobody sets.
__global__ void bug_endless_wait(int* flag) {
  while (atomicAdd(flag, 0) == 0) POLYAK_SPIN_PAUSE();
}

/// The same, and without a pause.
__global__ void bug_endless_wait_without_pause(int* flag) {
  while (atomicAdd(flag, 0) == 0) {
  }
}

/// Goes on exchanging within its warp, which needs nobody else.
__global__ void bug_endless_warp_operations(int* flag) {
  while (__shfl_sync(0xffffffffu, *flag, 0) == 0) {
  }
}

/// Reads a peer's shared memory and leaves without a barrier.
__global__ void bug_leaves_before_peer_reads(float* out) {
  POLYAK_SHARED(float, value, [1]);
  if (threadIdx.x == 0) value[0] = 1.0f;
  kernels::cluster_sync();
  if (threadIdx.x == 0) {
    out[blockIdx.x] = *kernels::map_to_rank(&value[0], kernels::cluster_rank() ^ 1u);
  }
}

/// Maps a peer's shared memory and leaves without a barrier, while the peer does the same.
__global__ void bug_leaves_after_being_mapped(float* out) {
  POLYAK_SHARED(float, value, [1]);
  if (threadIdx.x == 0) value[0] = 1.0f;
  kernels::cluster_sync();
  const float* peers = kernels::map_to_rank(&value[0], kernels::cluster_rank() ^ 1u);
  __syncthreads();
  if (threadIdx.x == 0) out[blockIdx.x] = *peers;
}

/// Waits at the cluster's barrier without having arrived.
__global__ void bug_cluster_wait_without_arrival() { kernels::cluster_wait(); }

/// Arrives at the cluster's barrier a second time without having waited.
__global__ void bug_cluster_arrives_twice() {
  kernels::cluster_arrive();
  kernels::cluster_arrive();
  kernels::cluster_wait();
}

/// Maps an address that is not in shared memory.
__global__ void bug_maps_global_memory(float* out) {
  kernels::cluster_sync();
  *kernels::map_to_rank(out, 0) = 1.0f;
  kernels::cluster_sync();
}

__global__ void bug_traps() { __trap(); }

}  // namespace polyak::emulator_tests
