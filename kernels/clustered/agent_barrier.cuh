#pragma once

// A barrier over all blocks of an agent, which are in several clusters and all on the device
// (a cooperative launch). In two halves, between which a block may do what concerns its cluster.

#include "kernels/portability.cuh"

namespace polyak::kernels::clustered {

class AgentBarrier {
 public:
  /// `arrivals` is this agent's, zero before the first barrier; it is the same in the end.
  __device__ AgentBarrier(unsigned* arrivals, unsigned block, unsigned blocks)
      : arrivals_(arrivals), share_(block == 0 ? highest_bit - (blocks - 1) : 1) {}

  /// By all threads: what they wrote becomes visible to those who wait. Every block adds one, the
  /// first as much as is missing to 2^31: when all have arrived the highest bit has changed, and
  /// the rest is zero again.
  __device__ void arrive() {
    __syncthreads();
    if (threadIdx.x != 0) return;
    __threadfence();
    before_ = atomicAdd(arrivals_, share_);
  }

  /// By all threads: until every block has arrived.
  __device__ void wait() const {
    if (threadIdx.x == 0) {
      while (((before_ ^ arrivals_now()) & highest_bit) == 0) POLYAK_SPIN_PAUSE();
      __threadfence();
    }
    __syncthreads();
  }

 private:
  __device__ unsigned arrivals_now() const {
#if defined(__CUDACC__)
    return *static_cast<const volatile unsigned*>(arrivals_);
#else
    return atomicAdd(arrivals_, 0u);
#endif
  }

  static constexpr unsigned highest_bit = 0x80000000u;
  unsigned* arrivals_;
  unsigned share_;
  unsigned before_ = 0;
};

}  // namespace polyak::kernels::clustered
