#pragma once

#include <cstddef>

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

/// Adds a copy to the thread's open group. Nothing is copied yet.
void begin_async_copy(const AsyncCopy& copy, Site site);

/// Closes the open group.
void commit_async_copies();

/// Takes the oldest copy out of the groups that are closed, except the `groups_left` newest.
/// Returns false when there is none left.
bool next_due_async_copy(unsigned groups_left, AsyncCopy* copy);

}  // namespace polyak::emulator
