#pragma once

// Asynchronous copies from global to shared memory (cp.async of the PTX ISA), which bypass the
// registers. Included by portability.cuh.
//
// A thread begins copies, closes them into a group, and waits until all groups but the newest few
// have arrived. A wait covers the thread's own copies only: other threads see them after a
// barrier that follows the wait.
//
// Below sm_80 the copies are ordinary ones, done at once. The emulator does them as late as
// possible, at the wait, so that a missing wait shows as memory without numbers.

#include "portability.cuh"

namespace polyak::kernels {

#if defined(__CUDACC__)

/// Begins to copy `Bytes` (4, 8 or 16) from global to shared memory. Both addresses must be
/// multiples of `Bytes`. Where `in_range` is false nothing is read and zeros are written.
template <int Bytes>
__device__ inline void begin_async_copy(void* shared, const void* global, bool in_range = true) {
  static_assert(Bytes == 4 || Bytes == 8 || Bytes == 16, "cp.async copies 4, 8 or 16 bytes");
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  const int valid_bytes = in_range ? Bytes : 0;
  if constexpr (Bytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(global),
                 "r"(valid_bytes)
                 : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(address), "l"(global),
                 "n"(Bytes), "r"(valid_bytes)
                 : "memory");
  }
#else
  for (int word = 0; word < Bytes / 4; ++word) {
    static_cast<unsigned*>(shared)[word] =
        in_range ? static_cast<const unsigned*>(global)[word] : 0u;
  }
#endif
}

/// Closes the copies begun since the last call into a group, which may be empty.
__device__ inline void commit_async_copies() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits until at most the `GroupsLeft` newest groups of this thread are still on their way.
template <int GroupsLeft = 0>
__device__ inline void wait_for_async_copies() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(GroupsLeft) : "memory");
#endif
}

#else

/// The emulator's counterparts; the first knows where it is called from.
template <int Bytes>
void begin_async_copy(void* shared, const void* global, bool in_range = true,
                      emulator::SourceLocation where = emulator::SourceLocation::current()) {
  static_assert(Bytes == 4 || Bytes == 8 || Bytes == 16, "cp.async copies 4, 8 or 16 bytes");
  emulator::begin_async_copy({shared, global, Bytes, in_range}, {"begin_async_copy", where});
}

inline void commit_async_copies() { emulator::commit_async_copies(); }

/// The copying itself is done here, in the kernel's own translation unit, where the sanitizers
/// watch it.
template <int GroupsLeft = 0>
void wait_for_async_copies() {
  emulator::AsyncCopy copy;
  while (emulator::next_due_async_copy(GroupsLeft, &copy)) {
    if (copy.in_range) {
      std::memcpy(copy.destination, copy.source, copy.bytes);
    } else {
      std::memset(copy.destination, 0, copy.bytes);
    }
  }
}

#endif

}  // namespace polyak::kernels
