#include <algorithm>

#include "emulator/engine/diagnostics.hpp"
#include "emulator/engine/engine.hpp"
#include "emulator/options.hpp"

namespace polyak::emulator {
namespace {

void check_pending_copies(Engine& engine, const Thread& thread) {
  if (!thread.has_pending_copies() || !options().strict_exit) return;
  record_error(engine,
               describe(thread) + " left the kernel with asynchronous copies it never waited for");
}

/// A peer may still hold an address in the shared memory of a block that ends.
void check_mapped_memory(Engine& engine, const Thread& thread) {
  const Block& block = *thread.block;
  const unsigned phase = engine.clusters[block.cluster].barrier.phase;
  if (block.live_threads > 0 || !block.mapped_by_peer || block.mapped_in_phase != phase) return;
  record_error(engine, "distributed shared memory: the block of " + describe(thread) +
                           " exited without a cluster barrier after a peer had mapped its shared "
                           "memory");
}

/// Lets those go on that waited at a barrier only for the thread that left.
void leave_barriers(Engine& engine, const Thread& thread) {
  for (Scope scope : {Scope::block, Scope::cluster, Scope::grid}) {
    const BarrierGroup group = barrier_group(engine, scope, thread);
    if (group.barrier->arrived == 0 || group.live_threads == 0) continue;
    if (options().strict_exit) {
      record_error(engine, "barrier divergence: " + describe(thread) +
                               " left the kernel while others of its group wait at " +
                               describe(group.barrier->site));
      return;
    }
    if (group.barrier->arrived == group.live_threads) complete_phase(engine, group);
  }
}

void leave_warp(Engine& engine, const Thread& thread) {
  if (thread.block->at_warp_operations == 0) return;
  const unsigned first = thread.warp * kWarpLanes;
  const unsigned end = std::min(first + kWarpLanes, volume(engine.launch->block));
  for (unsigned rank = first; rank < end; ++rank) {
    Thread& other = engine.threads[thread.block->first_thread + rank];
    if (other.state == ThreadState::at_warp_operation) try_warp_operation(engine, other);
  }
}

}  // namespace

void account_for_exit(Engine& engine, Thread& thread) {
  thread.state = ThreadState::exited;
  --thread.block->live_threads;
  --engine.clusters[thread.block->cluster].live_threads;
  --engine.live_threads;
  check_pending_copies(engine, thread);
  check_mapped_memory(engine, thread);
  leave_barriers(engine, thread);
  leave_warp(engine, thread);
  if (thread.block->live_threads == 0) retire_shared_memory(engine, *thread.block);
}

}  // namespace polyak::emulator
