#pragma once

// What the runtime knows about each kernel, and how many of its blocks fit the device. Internal to
// the runtime.

#include <cstddef>

#include "emulator/engine/shared_memory.hpp"

namespace polyak::emulator {

struct KernelFunction {
  bool opted_in = false;           // to more than the default shared memory
  std::size_t opted_in_bytes = 0;  // of dynamic shared memory
  bool large_clusters_allowed = false;
  std::size_t static_shared_bytes = 0;  // zero until the kernel has run once

  /// Dynamic shared memory that a launch may ask for.
  std::size_t dynamic_limit() const {
    return opted_in ? opted_in_bytes : kDefaultSharedBytes - static_shared_bytes;
  }
  /// Shared memory in all.
  std::size_t shared_limit() const { return opted_in ? kLargestSharedBytes : kDefaultSharedBytes; }
};

/// The entry of a kernel on the current device, made when it is first asked for. The reference
/// stays valid.
KernelFunction& kernel_function(const void* function);

/// Blocks that a cluster of the kernel may have.
unsigned cluster_limit(const KernelFunction& function);

/// Blocks of this shape that one multiprocessor holds at a time.
unsigned resident_blocks(const KernelFunction& function, unsigned block_threads,
                         std::size_t dynamic_bytes);

/// Blocks that the device holds when a multiprocessor holds so many.
unsigned device_blocks(unsigned blocks_per_multiprocessor);

/// Clusters that the device holds. At least one if a block fits: the emulator does not model how
/// many multiprocessors a cluster may span.
unsigned resident_clusters(unsigned blocks_per_multiprocessor, unsigned cluster_blocks);

}  // namespace polyak::emulator
