// Chains of barriers, messages and loads. In each, thread 0 of a block or all its threads do one
// thing after the other; the launch is a small part of what is measured if there are thousands.
#include "kernels/launch.cuh"
#include "kernels/transfer_barrier.cuh"
#include "micro/latency_kernels.hpp"

// A pause would be a part of what is measured; only the emulator needs one.
#if defined(__CUDACC__)
#define POLYAK_BENCH_SPIN_PAUSE()
#else
#define POLYAK_BENCH_SPIN_PAUSE() POLYAK_SPIN_PAUSE()
#endif

namespace polyak::bench {
namespace {

using kernels::launch_config;

__global__ void nothing() { kernels::wait_for_previous_kernel(); }

__global__ void block_barriers(const int steps) {
  for (int i = 0; i < steps; ++i) __syncthreads();
}

__global__ void cluster_barriers(const int steps) {
  for (int i = 0; i < steps; ++i) kernels::cluster_sync();
}

/// Every block adds one, the first as much as is missing to 2^31: when all have arrived the highest
/// bit has changed, and the rest is zero again.
__device__ void grid_barrier(unsigned* arrivals) {
  constexpr unsigned highest_bit = 0x80000000u;
  __syncthreads();
  if (threadIdx.x == 0) {
    const unsigned share = blockIdx.x == 0 ? highest_bit - (gridDim.x - 1) : 1;
    __threadfence();
    const unsigned before = atomicAdd(arrivals, share);
    const volatile unsigned* const now = arrivals;
    while (((before ^ *now) & highest_bit) == 0) POLYAK_BENCH_SPIN_PAUSE();
    __threadfence();
  }
  __syncthreads();
}

__global__ void grid_barriers(unsigned* arrivals, const int steps) {
  for (int i = 0; i < steps; ++i) grid_barrier(arrivals);
}

__global__ void messages(unsigned* result, const int steps) {
  POLYAK_SHARED(kernels::TransferBarrier, arrivals, );
  POLYAK_SHARED(float, letter, );  // exact to 2^24 messages
  if (threadIdx.x == 0) {
    arrivals.initialise();
    arrivals.expect(sizeof letter);
  }
  kernels::cluster_sync();
  if (threadIdx.x == 0) {
    const unsigned rank = kernels::cluster_rank();
    float count = 0.0f;
    for (unsigned i = 0; i < static_cast<unsigned>(steps); ++i) {
      if (i % 2 == rank) {
        arrivals.store(&letter, count + 1.0f, 1 - rank);
      } else {
        arrivals.wait(i / 2);
        count = letter;
        arrivals.expect(sizeof letter);
      }
    }
    const bool is_last = static_cast<unsigned>(steps) % 2 == rank;
    if (is_last) *result += static_cast<unsigned>(count);
  }
  kernels::cluster_sync();
}

/// A linear congruential generator of full period: its multiplier is 1 modulo 4, its increment odd
/// (Knuth, The Art of Computer Programming 2, 3.2.1.2).
__global__ void make_chain(unsigned* chain, const std::int64_t lines) {
  const std::int64_t line = kernels::global_thread();
  if (line >= lines) return;
  const std::int64_t next = (line * 1664525 + 1013904223) & (lines - 1);
  chain[line * chain_line_words] = static_cast<unsigned>(next * chain_line_words);
}

__global__ void follow_chain(const unsigned* chain, unsigned* place, const int steps) {
  unsigned at = *place;
  for (int i = 0; i < steps; ++i) at = __ldcg(chain + at);
  *place = at;
}

/// The launch of one cluster; `attribute` must live as long as the result.
cudaLaunchConfig_t one_cluster(int blocks, int threads, cudaStream_t stream,
                               cudaLaunchAttribute& attribute) {
  cudaLaunchConfig_t config = launch_config(dim3(static_cast<unsigned>(blocks)), threads, stream);
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim = {static_cast<unsigned>(blocks), 1, 1};
  config.attrs = &attribute;
  config.numAttrs = 1;
  return config;
}

}  // namespace

cudaError_t launch_nothing(cudaStream_t stream) {
  const cudaLaunchConfig_t config = launch_config(dim3(1), 32, stream);
  return cudaLaunchKernelEx(&config, nothing);
}

cudaError_t launch_block_barriers(int threads, int steps, cudaStream_t stream) {
  const cudaLaunchConfig_t config = launch_config(dim3(1), threads, stream);
  return cudaLaunchKernelEx(&config, block_barriers, steps);
}

cudaError_t launch_cluster_barriers(int blocks, int threads, int steps, cudaStream_t stream) {
  if (const cudaError_t status = cudaFuncSetAttribute(
          cluster_barriers, cudaFuncAttributeNonPortableClusterSizeAllowed, 1)) {
    return status;
  }
  cudaLaunchAttribute attribute{};
  const cudaLaunchConfig_t config = one_cluster(blocks, threads, stream, attribute);
  return cudaLaunchKernelEx(&config, cluster_barriers, steps);
}

cudaError_t launch_grid_barriers(unsigned* arrivals, int blocks, int threads, int steps,
                                 cudaStream_t stream) {
  cudaLaunchConfig_t config = launch_config(dim3(static_cast<unsigned>(blocks)), threads, stream);
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeCooperative;
  attribute.val.cooperative = 1;
  config.attrs = &attribute;
  config.numAttrs = 1;
  return cudaLaunchKernelEx(&config, grid_barriers, arrivals, steps);
}

cudaError_t launch_messages(unsigned* result, int steps, cudaStream_t stream) {
  cudaLaunchAttribute attribute{};
  const cudaLaunchConfig_t config = one_cluster(2, 32, stream, attribute);
  return cudaLaunchKernelEx(&config, messages, result, steps);
}

cudaError_t launch_make_chain(unsigned* chain, std::int64_t lines, cudaStream_t stream) {
  constexpr int threads = 256;
  const cudaLaunchConfig_t config =
      launch_config(dim3(kernels::grid_size(kernels::divide_up(lines, threads))), threads, stream);
  return cudaLaunchKernelEx(&config, make_chain, chain, lines);
}

cudaError_t launch_follow_chain(const unsigned* chain, unsigned* place, int steps,
                                cudaStream_t stream) {
  const cudaLaunchConfig_t config = launch_config(dim3(1), 1, stream);
  return cudaLaunchKernelEx(&config, follow_chain, chain, place, steps);
}

}  // namespace polyak::bench
