// Kernels of which one thing after the other is all that takes time.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace polyak::bench {

/// Does nothing.
cudaError_t launch_nothing(cudaStream_t stream);

/// `steps` barriers over the threads of one block.
cudaError_t launch_block_barriers(int threads, int steps, cudaStream_t stream);

/// `steps` barriers over the threads of one cluster. cudaErrorInvalidClusterSize where there is no
/// room for such a cluster.
cudaError_t launch_cluster_barriers(int blocks, int threads, int steps, cudaStream_t stream);

/// `steps` barriers over a grid of one block for each multiprocessor. `arrivals` is zero before the
/// first launch.
cudaError_t launch_grid_barriers(unsigned* arrivals, int blocks, int threads, int steps,
                                 cudaStream_t stream);

/// A word goes `steps` times from one block of a cluster of two to the other and is one more each
/// time; the sum is added to `result`. Needs clusters.
cudaError_t launch_messages(unsigned* result, int steps, cudaStream_t stream);

/// `lines` of chain_line_words words, a power of two: the first word of each names another's place,
/// all of them in one circle in an order without a pattern.
inline constexpr std::int64_t chain_line_words = 64;
cudaError_t launch_make_chain(unsigned* chain, std::int64_t lines, cudaStream_t stream);

/// Follows the chain by `steps` loads past the L1 cache, from *place, where the place at the end
/// goes.
cudaError_t launch_follow_chain(const unsigned* chain, unsigned* place, int steps,
                                cudaStream_t stream);

}  // namespace polyak::bench
