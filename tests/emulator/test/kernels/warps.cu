#include "emulator/test/kernels/kernels.cuh"

namespace polyak::emulator_tests {

/// out[0] += sum of x[0 .. n). Warps reduce by shuffles; the first warp, alone, sums their results.
__global__ void reduce_sum(const float* x, float* out, unsigned n) {
  POLYAK_SHARED(float, warp_sums, [32]);
  float sum = 0.0f;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    sum += x[i];
  }
  for (int distance = 16; distance > 0; distance /= 2) {
    sum += __shfl_xor_sync(0xffffffffu, sum, distance);
  }
  if (threadIdx.x % 32 == 0) warp_sums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x >= 32) return;
  sum = threadIdx.x < blockDim.x / 32 ? warp_sums[threadIdx.x] : 0.0f;
  for (int distance = 16; distance > 0; distance /= 2) {
    sum += __shfl_xor_sync(0xffffffffu, sum, distance);
  }
  if (threadIdx.x == 0) atomicAdd(out, sum);
}

/// For each lane of one warp eight results of shuffles and votes: out[lane * 8 ...].
__global__ void exercise_warp(int* out) {
  const int lane = static_cast<int>(threadIdx.x);
  int* mine = out + lane * 8;
  mine[0] = __shfl_sync(0xffffffffu, lane * 10, 3, 8);
  mine[1] = __shfl_up_sync(0xffffffffu, lane, 2, 16);
  mine[2] = __shfl_down_sync(0xffffffffu, lane, 2, 16);
  mine[3] = static_cast<int>(__ballot_sync(0xffffffffu, lane % 3 == 0));
  mine[4] = __any_sync(0xffffffffu, lane == 31);
  mine[5] = __all_sync(0xffffffffu, lane < 31);
  mine[6] = __shfl_xor_sync(0xffffffffu, lane, 5);
  // The halves of the warp go different ways with masks of their own.
  if (lane < 16) {
    mine[7] = __shfl_sync(0x0000ffffu, lane, 15);
  } else {
    mine[7] = __popc(__ballot_sync(0xffff0000u, 1)) + 100;
  }
}

/// Lanes pass their numbers around a ring through shared memory, ordered by __syncwarp alone.
__global__ void rotate_by_syncwarp(int* out) {
  POLYAK_SHARED(int, ring, [32]);
  const unsigned lane = threadIdx.x;
  ring[lane] = static_cast<int>(lane);
  __syncwarp();
  for (int round = 0; round < 3; ++round) {
    const int next = ring[(lane + 1) % 32];
    __syncwarp();
    ring[lane] = next;
    __syncwarp();
  }
  out[lane] = ring[lane];
}

/// Votes of a block: out = {count, all, any} of `threadIdx.x < below`.
__global__ void block_votes(int* out, unsigned below) {
  const int vote = threadIdx.x < below ? 1 : 0;
  const int count = __syncthreads_count(vote);
  const int all = __syncthreads_and(vote);
  const int any = __syncthreads_or(vote);
  if (threadIdx.x == 0) {
    out[0] = count;
    out[1] = all;
    out[2] = any;
  }
}

/// Tiles of eight threads: each thread writes the greatest, the least and the sum of its tile.
__global__ void tile_reductions(const float* x, float* out) {
  namespace cg = cooperative_groups;
  const cg::thread_block block = cg::this_thread_block();
  const auto tile = cg::tiled_partition<8>(block);
  const unsigned rank = static_cast<unsigned>(block.thread_rank());
  const float value = x[rank];
  float* mine = out + rank * 3;
  mine[0] = cg::reduce(tile, value, cg::greater<float>());
  mine[1] = cg::reduce(tile, value, cg::less<float>());
  mine[2] = cg::reduce(tile, value, cg::plus<float>());
}

}  // namespace polyak::emulator_tests
