#include "emulator/engine/async_copies.hpp"

#include <cstdint>

#include "emulator/engine/engine.hpp"
#include "emulator/engine/yielding.hpp"

namespace polyak::emulator {

void begin_async_copy(const AsyncCopy& copy, Site site) {
  Engine& engine = running_engine(site.operation);
  const auto misaligned = [&copy](const void* address) {
    return reinterpret_cast<std::uintptr_t>(address) % copy.bytes != 0;
  };
  if (misaligned(copy.destination) || (copy.in_range && misaligned(copy.source))) {
    fail_in_kernel("an address is not aligned to the size of the copy", site);
  }
  Thread& thread = *engine.current;
  thread.pending_copies.push_back({copy, thread.open_copy_group});
}

void commit_async_copies() { ++running_engine("cp.async.commit_group").current->open_copy_group; }

bool next_due_async_copy(unsigned groups_left, AsyncCopy* copy) {
  Thread& thread = *running_engine("cp.async.wait_group").current;
  if (thread.pending_copies.empty()) return false;
  const PendingCopy oldest = thread.pending_copies.front();
  if (oldest.group + groups_left >= thread.open_copy_group) return false;
  thread.pending_copies.erase(thread.pending_copies.begin());
  *copy = oldest.copy;
  return true;
}

}  // namespace polyak::emulator
