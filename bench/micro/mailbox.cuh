#pragma once

// A word in a block's shared memory into which another block of the cluster writes by an
// asynchronous store that completes on an mbarrier (st.async of the PTX ISA): the fastest way from
// block to block. One thread of each block uses it. Below sm_90 it traps.

#include "kernels/portability.cuh"

namespace polyak::bench {

#if defined(__CUDACC__)

class Mailbox {
 public:
  /// Before a cluster barrier, after which others may send.
  __device__ void initialise() {
    parity_ = 0;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(address_of(&barrier_)) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    expect();
#else
    __trap();
#endif
  }

  /// Sends to the mailbox of the same name in block `rank`.
  __device__ void send_to(unsigned rank, unsigned word) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile(
        "{\n\t.reg .b32 word, barrier;\n\t"
        "mapa.shared::cluster.u32 word, %0, %2;\n\t"
        "mapa.shared::cluster.u32 barrier, %1, %2;\n\t"
        "st.async.shared::cluster.mbarrier::complete_tx::bytes.b32 [word], %3, [barrier];\n\t}" ::
            "r"(address_of(&word_)),
        "r"(address_of(&barrier_)), "r"(rank), "r"(word)
        : "memory");
#else
    __trap();
#endif
  }

  /// Waits for the next word, and makes ready for the one after it.
  __device__ unsigned receive() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile(
        "{\n\t.reg .pred arrived;\n\t"
        "retry:\n\t"
        "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 arrived, [%0], %1;\n\t"
        "@!arrived bra retry;\n\t}" ::"r"(address_of(&barrier_)),
        "r"(parity_)
        : "memory");
    parity_ ^= 1;
    const unsigned word = word_;
    expect();
    return word;
#else
    __trap();
    return 0;
#endif
  }

 private:
  static __device__ unsigned address_of(const void* shared) {
    return static_cast<unsigned>(__cvta_generic_to_shared(shared));
  }
  __device__ void expect() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile(
        "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(address_of(&barrier_)),
        "n"(sizeof(unsigned))
        : "memory");
#endif
  }

  unsigned long long barrier_;
  unsigned word_;
  unsigned parity_;
};

#else

/// The emulator's counterpart.
class Mailbox {
 public:
  void initialise() { arrivals_ = received_ = 0; }
  void send_to(unsigned rank, unsigned word) {
    Mailbox* const other = kernels::map_to_rank(this, rank);
    other->word_ = word;
    __threadfence();
    atomicAdd(&other->arrivals_, 1u);
  }
  unsigned receive() {
    while (atomicAdd(&arrivals_, 0u) == received_) POLYAK_SPIN_PAUSE();
    ++received_;
    __threadfence();
    return word_;
  }

 private:
  unsigned word_, arrivals_, received_;
};

#endif

}  // namespace polyak::bench
