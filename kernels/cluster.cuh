#pragma once

// Thread-block clusters: blocks that run together and read each other's shared memory. Included by
// portability.cuh. These compile for every architecture, where CUDA declares clusters from sm_90 on
// only; below sm_90 they trap.

#include "portability.cuh"

namespace polyak::kernels {

#if defined(__CUDACC__)

/// The block's number within its cluster.
__device__ inline unsigned cluster_rank() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  return __clusterRelativeBlockRank();
#else
  __trap();
  return 0;
#endif
}

/// The number of blocks in the cluster.
__device__ inline unsigned cluster_size() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  return __clusterSizeInBlocks();
#else
  __trap();
  return 0;
#endif
}

/// The address in block `rank` of the cluster that corresponds to `address` in this block's shared
/// memory. That block must have started (a cluster barrier proves it) and must not end before its
/// memory has been used (which takes another).
template <class T>
__device__ inline T* map_to_rank(T* address, unsigned rank) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  return static_cast<T*>(__cluster_map_shared_rank(address, rank));
#else
  __trap();
  return address;
#endif
}

/// Announces that this thread has come so far; its earlier writes become visible to whoever waits.
__device__ inline void cluster_arrive() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release;" ::: "memory");
#else
  __trap();
#endif
}

/// Waits until every thread of the cluster has arrived.
__device__ inline void cluster_wait() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.wait.acquire;" ::: "memory");
#else
  __trap();
#endif
}

/// A barrier over all threads of the cluster.
__device__ inline void cluster_sync() {
  cluster_arrive();
  cluster_wait();
}

#else

/// The emulator's counterparts. The barriers know where they are called from.
inline unsigned cluster_rank() { return cooperative_groups::this_cluster().block_rank(); }
inline unsigned cluster_size() { return cooperative_groups::this_cluster().num_blocks(); }
template <class T>
inline T* map_to_rank(T* address, unsigned rank) {
  return cooperative_groups::this_cluster().map_shared_rank(address, rank);
}
inline void cluster_arrive(emulator::SourceLocation where = emulator::SourceLocation::current()) {
  emulator::arrive_at_cluster_barrier({"cluster_arrive", where});
}
inline void cluster_wait(emulator::SourceLocation where = emulator::SourceLocation::current()) {
  emulator::wait_at_cluster_barrier({"cluster_wait", where});
}
inline void cluster_sync(emulator::SourceLocation where = emulator::SourceLocation::current()) {
  emulator::barrier(emulator::Scope::cluster, {"cluster_sync", where});
}

#endif

}  // namespace polyak::kernels
