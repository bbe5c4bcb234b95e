#include "emulator/test/kernels/kernels.cuh"

namespace polyak::emulator_tests {

/// Each round: every element becomes the mean of itself and its mirror image, over the whole grid.
/// `scratch` has as many elements as `x`: one for each thread of the cooperative grid.
__global__ void mirror_means(float* x, float* scratch, int rounds) {
  const auto grid = cooperative_groups::this_grid();
  const unsigned i = static_cast<unsigned>(grid.thread_rank());
  const unsigned n = static_cast<unsigned>(grid.size());
  for (int round = 0; round < rounds; ++round) {
    scratch[i] = 0.5f * (x[i] + x[n - 1 - i]) + 1.0f;
    grid.sync();
    x[i] = scratch[i];
    grid.sync();
  }
}

/// Every block sums its `per_block` elements; out[block] is the sum over the block's cluster, read
/// from the peers' shared memory.
__global__ void cluster_sum(const float* x, float* out, unsigned per_block) {
  POLYAK_SHARED(float, partial, [64]);
  POLYAK_SHARED(float, total, [1]);
  float sum = 0.0f;
  for (unsigned i = threadIdx.x; i < per_block; i += blockDim.x) {
    sum += x[blockIdx.x * per_block + i];
  }
  partial[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    total[0] = 0.0f;
    for (unsigned i = 0; i < blockDim.x; ++i) total[0] += partial[i];
  }
  kernels::cluster_sync();
  if (threadIdx.x == 0) {
    float over_cluster = 0.0f;
    for (unsigned rank = 0; rank < kernels::cluster_size(); ++rank) {
      over_cluster += *kernels::map_to_rank(&total[0], rank);
    }
    out[blockIdx.x] = over_cluster;
  }
  kernels::cluster_sync();  // no block may leave while a peer reads its shared memory
}

/// Each block writes its rank into its right-hand neighbour's dynamic shared memory, with the
/// barrier split into its halves.
__global__ void cluster_neighbours(int* out) {
  POLYAK_DYNAMIC_SHARED(int, inbox);
  const unsigned rank = kernels::cluster_rank();
  kernels::cluster_arrive();
  kernels::cluster_wait();
  if (threadIdx.x == 0) {
    *kernels::map_to_rank(inbox, (rank + 1) % kernels::cluster_size()) = static_cast<int>(rank);
  }
  kernels::cluster_arrive();
  kernels::cluster_wait();
  if (threadIdx.x == 0) out[blockIdx.x] = inbox[0];
}

/// Block 1 hands a number to block 0 through a flag; both must be in flight.
__global__ void hand_over(int* flag, float* value) {
  if (blockIdx.x == 1) {
    value[0] = 42.0f;
    __threadfence();
    atomicExch(flag, 1);
  } else {
    while (atomicAdd(flag, 0) == 0) POLYAK_SPIN_PAUSE();
    __threadfence();
    value[1] = value[0];
  }
}

/// Every block leaves its part in memory; the last one to finish adds them.
__global__ void last_block_adds(float* parts, unsigned* arrivals, float* out) {
  parts[blockIdx.x] = static_cast<float>(blockIdx.x + 1);
  __threadfence();
  if (atomicInc(arrivals, gridDim.x - 1) != gridDim.x - 1) return;
  __threadfence();
  float sum = 0.0f;
  for (unsigned block = 0; block < gridDim.x; ++block) sum += parts[block];
  *out = sum;
}

}  // namespace polyak::emulator_tests
