#pragma once

// Inline, because a product of matrices asks for a copy of every few of its numbers.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "emulator/engine/thread_context.hpp"
#include "emulator/engine/yielding.hpp"
#include "emulator/error.hpp"

namespace polyak::emulator {

/// A copy from global to shared memory that the thread has asked for but not waited for. Zeros
/// are written instead where the source is out of range.
struct AsyncCopy {
  void* destination = nullptr;
  const void* source = nullptr;
  std::size_t bytes = 0;  // 4, 8 or 16
  bool in_range = true;
};

/// The copies of one thread, oldest first.
struct AsyncCopies {
  struct Pending {
    AsyncCopy copy;
    unsigned group = 0;
  };

  std::vector<Pending> copies;
  std::size_t done = 0;
  unsigned open_group = 0;

  bool are_pending() const { return done < copies.size(); }
};

[[noreturn]] void fail_outside_kernels(const char* operation);

inline AsyncCopies& own_async_copies(const char* operation) {
  if (current_thread_context == nullptr) fail_outside_kernels(operation);
  return *current_thread_context->async_copies;
}

/// Adds a copy to the thread's open group. Nothing is copied yet.
inline void begin_async_copy(const AsyncCopy& copy, Site site) {
  AsyncCopies& own = own_async_copies(site.operation);
  const auto misaligned = [&copy](const void* address) {
    return (reinterpret_cast<std::uintptr_t>(address) & (copy.bytes - 1)) != 0;
  };
  if (misaligned(copy.destination) || (copy.in_range && misaligned(copy.source))) {
    fail_in_kernel("an address is not aligned to the size of the copy", site);
  }
  own.copies.push_back({copy, own.open_group});
}

/// Closes the open group.
inline void commit_async_copies() { ++own_async_copies("cp.async.commit_group").open_group; }

template <std::size_t Bytes>
void copy_or_clear(const AsyncCopy& copy) {
  if (copy.in_range) {
    std::memcpy(copy.destination, copy.source, Bytes);
  } else {
    std::memset(copy.destination, 0, Bytes);
  }
}

/// Makes the copies of the groups that are closed, except the `groups_left` newest: here, in the
/// kernel's own translation unit, where the sanitizers watch it.
inline void wait_for_async_copies(unsigned groups_left) {
  AsyncCopies& own = own_async_copies("cp.async.wait_group");
  for (; own.are_pending(); ++own.done) {
    const AsyncCopies::Pending& oldest = own.copies[own.done];
    if (oldest.group + groups_left >= own.open_group) return;
    if (oldest.copy.bytes == 16) {
      copy_or_clear<16>(oldest.copy);
    } else if (oldest.copy.bytes == 8) {
      copy_or_clear<8>(oldest.copy);
    } else {
      copy_or_clear<4>(oldest.copy);
    }
  }
  own.copies.clear();
  own.done = 0;
}

}  // namespace polyak::emulator
