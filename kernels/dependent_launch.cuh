#pragma once

// Programmatic dependent launch (CUDA Programming Guide, "Programmatic Dependent Launch and
// Synchronization"): a kernel's blocks are scheduled while the kernel before it drains. Included by
// portability.cuh.

#include "portability.cuh"

namespace polyak::kernels {

#if defined(__CUDACC__)

/// The first statement of every kernel that may be in a graph whose launches overlap: waits until
/// the kernels before it have ended and their writes are visible, then lets the blocks of the next
/// one be scheduled, which wait here in their turn. Nothing where launches do not overlap, and
/// below sm_90.
__device__ inline void wait_for_previous_kernel() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

#else

inline void wait_for_previous_kernel() { emulator::wait_for_previous_kernel(); }

#endif

}  // namespace polyak::kernels
