#pragma once

// What a launch consists of while it runs. Internal to the engine.

#include <cstdint>
#include <vector>

#include "emulator/engine/async_copies.hpp"
#include "emulator/engine/barriers.hpp"
#include "emulator/engine/fiber.hpp"
#include "emulator/engine/thread_context.hpp"
#include "emulator/engine/warp_operations.hpp"
#include "emulator/error.hpp"

namespace polyak::emulator {

enum class ThreadState : std::uint8_t {
  ready,
  at_block_barrier,
  at_cluster_barrier,
  at_grid_barrier,
  at_warp_operation,
  spinning,
  exited
};

/// A barrier that is used again and again; each use is a phase.
struct Barrier {
  unsigned phase = 0;
  unsigned arrived = 0;
  unsigned in_favour = 0;
  Votes last_result;
  Site site;
  /// Two addresses for ThreadSanitizer, used in turn: a thread that is already at the next phase
  /// must not seem ordered before one that still leaves this phase.
  char* sync_objects = nullptr;

  void* sync_object(unsigned of_phase) const { return sync_objects + 8 * (of_phase & 1); }
};

/// Static shared variables that a kernel may have.
inline constexpr std::size_t kStaticVariables = 64;

struct PendingCopy {
  AsyncCopy copy;
  unsigned group = 0;
};

struct Block;

struct Thread : ThreadContext {
  Fiber fiber;
  ThreadState state = ThreadState::ready;
  Site waiting_at;
  Block* block = nullptr;
  unsigned index = 0;  // in the gang
  unsigned warp = 0;   // in the block
  WarpRequest request;
  unsigned warp_synchronizations = 0;
  unsigned partner_parities = 0;  // of warp_synchronizations, one bit for each lane
  bool arrived_at_cluster = false;
  unsigned cluster_phase = 0;
  unsigned atomics_since_switch = 0;
  unsigned open_copy_group = 0;
  std::vector<PendingCopy> copies;
  std::size_t copies_done = 0;  // the oldest of them

  bool has_pending_copies() const { return copies_done < copies.size(); }
};

struct Block {
  Barrier barrier;
  unsigned live_threads = 0;
  unsigned at_warp_operations = 0;  // threads that wait there, or have not run since
  unsigned first_thread = 0;
  unsigned cluster = 0;
  char* shared_memory = nullptr;
  std::vector<bool> declared;  // which static variables have been declared
  char* sync_objects = nullptr;
  bool mapped_by_peer = false;
  unsigned mapped_in_phase = 0;  // of the cluster's barrier
};

struct Cluster {
  Barrier barrier;
  unsigned live_threads = 0;
  unsigned first_block = 0;
};

/// A static shared variable of the running kernel: the same offset in every block.
struct StaticVariable {
  const void* tag = nullptr;
  std::size_t offset = 0;
  std::size_t bytes = 0;
};

}  // namespace polyak::emulator
