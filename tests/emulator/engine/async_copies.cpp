#include "emulator/engine/async_copies.hpp"

#include <cstdint>

#include "emulator/engine/engine.hpp"
#include "emulator/engine/yielding.hpp"

namespace polyak::emulator {
namespace {

/// That a thread has asked for and not waited for at a time.
constexpr std::size_t usual_copies = 32;

}  // namespace

void begin_async_copy(const AsyncCopy& copy, Site site) {
  Engine& engine = running_engine(site.operation);
  // The size is a power of two: no division, of which there would be two for every copy.
  const auto misaligned = [&copy](const void* address) {
    return (reinterpret_cast<std::uintptr_t>(address) & (copy.bytes - 1)) != 0;
  };
  if (misaligned(copy.destination) || (copy.in_range && misaligned(copy.source))) {
    fail_in_kernel("an address is not aligned to the size of the copy", site);
  }
  Thread& thread = *engine.current;
  if (thread.copies.capacity() == 0) thread.copies.reserve(usual_copies);
  thread.copies.push_back({copy, thread.open_copy_group});
}

void commit_async_copies() { ++running_engine("cp.async.commit_group").current->open_copy_group; }

bool next_due_async_copy(unsigned groups_left, AsyncCopy* copy) {
  Thread& thread = *running_engine("cp.async.wait_group").current;
  if (!thread.has_pending_copies()) return false;
  const PendingCopy& oldest = thread.copies[thread.copies_done];
  if (oldest.group + groups_left >= thread.open_copy_group) return false;
  *copy = oldest.copy;
  ++thread.copies_done;
  if (!thread.has_pending_copies()) {
    thread.copies.clear();
    thread.copies_done = 0;
  }
  return true;
}

}  // namespace polyak::emulator
