#pragma once

// Barriers, fences and pauses under CUDA's names.

#include "emulator/engine/barriers.hpp"
#include "emulator/engine/warp_operations.hpp"
#include "emulator/engine/yielding.hpp"
#include "emulator/error.hpp"

inline void __syncthreads(
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  polyak::emulator::barrier(polyak::emulator::Scope::block, {"__syncthreads", where});
}

inline int __syncthreads_count(int predicate, polyak::emulator::SourceLocation where =
                                                  polyak::emulator::SourceLocation::current()) {
  const auto votes = polyak::emulator::barrier(polyak::emulator::Scope::block,
                                               {"__syncthreads_count", where}, predicate != 0);
  return static_cast<int>(votes.in_favour);
}

inline int __syncthreads_and(int predicate, polyak::emulator::SourceLocation where =
                                                polyak::emulator::SourceLocation::current()) {
  const auto votes = polyak::emulator::barrier(polyak::emulator::Scope::block,
                                               {"__syncthreads_and", where}, predicate != 0);
  return votes.in_favour == votes.voters ? 1 : 0;
}

inline int __syncthreads_or(int predicate, polyak::emulator::SourceLocation where =
                                               polyak::emulator::SourceLocation::current()) {
  const auto votes = polyak::emulator::barrier(polyak::emulator::Scope::block,
                                               {"__syncthreads_or", where}, predicate != 0);
  return votes.in_favour > 0 ? 1 : 0;
}

inline void __syncwarp(
    unsigned mask = polyak::emulator::kFullMask,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  polyak::emulator::WarpRequest request;
  request.mask = mask;
  polyak::emulator::perform_warp_operation(request, {"__syncwarp", where});
}

inline void __threadfence() { polyak::emulator::memory_fence(); }
inline void __threadfence_block() { polyak::emulator::memory_fence(); }
inline void __threadfence_system() { polyak::emulator::memory_fence(); }

inline void __nanosleep(unsigned) { polyak::emulator::spin_pause(); }

[[noreturn]] inline void __trap(
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  polyak::emulator::fail_in_kernel("the kernel trapped", {"__trap", where});
}
