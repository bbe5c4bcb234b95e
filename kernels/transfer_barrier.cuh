#pragma once

// Asynchronous stores into the shared memory of another block of the cluster, which count
// themselves there (st.async and mbarrier, PTX ISA): the receiver waits for bytes, not for blocks,
// and no cluster barrier is needed on the way. Below sm_90 these trap.

#include "kernels/portability.cuh"

namespace polyak::kernels {

/// In shared memory, at the same place in every block of the cluster: counts the bytes that arrive
/// in its block, in phases. Phase n + 1 may arrive only after this block's threads have waited for
/// phase n and sent something that phase n + 1 follows from.
class TransferBarrier {
 public:
  /// By one thread, before a barrier over the cluster, after which the blocks may send.
  __device__ void initialise();

  /// By that thread, once for each phase: so many bytes will arrive in it. Before the first phase,
  /// and then after it has itself waited for the phase before.
  __device__ void expect(unsigned bytes);

  /// By any thread: until all of phase `phase`, from 0, has arrived; it may be read then.
  __device__ void wait(unsigned phase);

  /// Stores to the place in block `rank` that corresponds to `to` in this block; Value is float,
  /// float2 or float4.
  template <class Value>
  __device__ void store(Value* to, Value value, unsigned rank);

 private:
#if defined(__CUDACC__)
  unsigned long long barrier_;
#else
  // Bytes and phases since the beginning; expected_ is the bytes up to the end of a phase, by
  // parity.
  unsigned received_, phases_, all_expected_;
  unsigned expected_[2];
#endif
};

#if defined(__CUDACC__)

namespace detail {

__device__ inline unsigned shared_address(const void* shared) {
  return static_cast<unsigned>(__cvta_generic_to_shared(shared));
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
__device__ inline unsigned address_in_rank(const void* shared, unsigned rank) {
  unsigned result;
  asm("mapa.shared::cluster.u32 %0, %1, %2;"
      : "=r"(result)
      : "r"(shared_address(shared)), "r"(rank));
  return result;
}

__device__ inline void store_async(unsigned to, float value, unsigned barrier) {
  asm volatile(
      "st.async.shared::cluster.mbarrier::complete_tx::bytes.b32 [%0], %1, [%2];" ::"r"(to),
      "r"(__float_as_uint(value)), "r"(barrier)
      : "memory");
}
__device__ inline void store_async(unsigned to, float2 value, unsigned barrier) {
  asm volatile(
      "st.async.shared::cluster.mbarrier::complete_tx::bytes.v2.b32 [%0], {%1, %2}, [%3];" ::"r"(
          to),
      "r"(__float_as_uint(value.x)), "r"(__float_as_uint(value.y)), "r"(barrier)
      : "memory");
}
__device__ inline void store_async(unsigned to, float4 value, unsigned barrier) {
  asm volatile(
      "st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.b32 [%0], {%1, %2, %3, %4}, "
      "[%5];" ::"r"(to),
      "r"(__float_as_uint(value.x)), "r"(__float_as_uint(value.y)), "r"(__float_as_uint(value.z)),
      "r"(__float_as_uint(value.w)), "r"(barrier)
      : "memory");
}
#endif

}  // namespace detail

__device__ inline void TransferBarrier::initialise() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(detail::shared_address(&barrier_))
               : "memory");
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
#else
  __trap();
#endif
}

__device__ inline void TransferBarrier::expect(unsigned bytes) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(
                   detail::shared_address(&barrier_)),
               "r"(bytes)
               : "memory");
#else
  __trap();
#endif
}

__device__ inline void TransferBarrier::wait(unsigned phase) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  unsigned arrived = 0;
  while (arrived == 0) {
    asm volatile(
        "{\n\t.reg .pred arrived;\n\t"
        "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 arrived, [%1], %2;\n\t"
        "selp.u32 %0, 1, 0, arrived;\n\t}"
        : "=r"(arrived)
        : "r"(detail::shared_address(&barrier_)), "r"(phase % 2)
        : "memory");
  }
#else
  __trap();
#endif
}

template <class Value>
__device__ void TransferBarrier::store(Value* to, Value value, unsigned rank) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  detail::store_async(detail::address_in_rank(to, rank), value,
                      detail::address_in_rank(&barrier_, rank));
#else
  __trap();
#endif
}

#else

/// The emulator's counterparts: what is stored is there at once, and counted behind a fence.
inline void TransferBarrier::initialise() { received_ = phases_ = all_expected_ = 0; }

inline void TransferBarrier::expect(unsigned bytes) {
  const unsigned phase = atomicAdd(&phases_, 0u);
  all_expected_ += bytes;
  expected_[phase % 2] = all_expected_;
  __threadfence();
  atomicAdd(&phases_, 1u);
}

inline void TransferBarrier::wait(unsigned phase) {
  while (atomicAdd(&phases_, 0u) <= phase) POLYAK_SPIN_PAUSE();
  __threadfence();
  const unsigned expected = expected_[phase % 2];
  // The counters may overflow.
  while (static_cast<int>(atomicAdd(&received_, 0u) - expected) < 0) POLYAK_SPIN_PAUSE();
  __threadfence();
}

template <class Value>
void TransferBarrier::store(Value* to, Value value, unsigned rank) {
  *map_to_rank(to, rank) = value;
  __threadfence();
  atomicAdd(&map_to_rank(this, rank)->received_, static_cast<unsigned>(sizeof(Value)));
}

#endif

}  // namespace polyak::kernels
