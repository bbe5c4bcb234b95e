#pragma once

// The state of the running launch. Internal to the engine.

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "emulator/engine/entities.hpp"
#include "emulator/engine/launch.hpp"
#include "emulator/engine/mapped_region.hpp"
#include "emulator/engine/stacks.hpp"

namespace polyak::emulator {

/// Shared memory reserved for a block: static variables from the front, each between red zones,
/// dynamic memory up against the end.
inline constexpr std::size_t kArenaBytes = 512 << 10;
inline constexpr std::size_t kRedZoneBytes = 64;
/// Addresses for ThreadSanitizer: barriers first, then two for every thread of the block.
inline constexpr std::size_t kBlockSyncBytes = 32 << 10;
inline constexpr std::size_t kGridSyncBytes = 4 << 10;

/// A gang is the set of blocks that are in flight together: a cluster, or a cooperative grid.
struct Engine {
  const Launch* launch = nullptr;
  const std::function<void()>* body = nullptr;
  std::string error;
  std::mt19937_64 random;
  std::uint64_t switch_budget = 0;

  std::vector<Thread> threads;
  std::vector<Block> blocks;
  std::vector<Cluster> clusters;
  Barrier grid_barrier;
  unsigned live_threads = 0;
  std::vector<std::uint64_t> gathered;  // by the warp operation that is being performed

  std::vector<StaticVariable> static_variables;
  std::size_t static_top = 0;    // first free offset behind the static variables
  std::size_t static_bytes = 0;  // without red zones

  FiberHost host;
  Thread* current = nullptr;
  Stacks stacks;
  MappedRegion arenas;
  MappedRegion sync_objects;
  void* janitor = nullptr;      // for ThreadSanitizer, who cleans up behind threads
  char launch_sync_object = 0;  // host before kernel
  char end_sync_object = 0;     // kernel before host
  // Between fences, also of blocks that never run together: `sync_objects` begin anew with a gang.
  char fence_sync_object = 0;
};

/// threadIdx and its like exist once in a process, so one launch runs at a time; a host that
/// launches from several threads has to take turns. Null outside launches.
extern Engine* active_engine;

[[noreturn]] void fail_outside_kernels(const char* operation);

/// The engine of the running launch; throws Error outside kernels.
inline Engine& running_engine(const char* operation) {
  if (active_engine == nullptr || active_engine->current == nullptr) {
    fail_outside_kernels(operation);
  }
  return *active_engine;
}

/// Keeps the first error only: what follows is a consequence.
void record_error(Engine& engine, std::string message);

/// Leaves the current thread for good. The caller must own no memory then: nothing is unwound.
[[noreturn]] void abandon_thread(Engine& engine);

/// Suspends the current thread in `state` until another makes it ready.
void wait_in(Engine& engine, ThreadState state, Site site);

/// Creates the threads of the `count` blocks from `first` on, in cluster-major order.
void set_up_gang(Engine& engine, unsigned first, unsigned count, void (*entry)());
void tear_down_gang(Engine& engine);

/// What the end of a thread means for those that wait for it.
void account_for_exit(Engine& engine, Thread& thread);

/// Lets all threads go on that wait at the barrier of this scope, and starts its next phase.
struct BarrierGroup {
  Barrier* barrier;
  ThreadState waiting_state;
  unsigned live_threads;
  unsigned first_thread;
  unsigned end_thread;

  unsigned size() const { return end_thread - first_thread; }
};
BarrierGroup barrier_group(Engine& engine, Scope scope, const Thread& thread);
void complete_phase(Engine& engine, const BarrierGroup& group);

/// Performs the operation that `thread` waits at if all its partners are there.
bool try_warp_operation(Engine& engine, Thread& thread);

/// Offset of the dynamic shared memory in a block's arena.
std::size_t dynamic_offset(const Launch& launch);
void prepare_shared_memory(Engine& engine, Block& block);
void retire_shared_memory(Engine& engine, Block& block);

/// 0, 1, ... count - 1 in the order of the options.
std::vector<unsigned> running_order(unsigned count, std::mt19937_64& random);

/// Sets threadIdx and blockIdx, blockDim and gridDim.
void set_builtin_indices(uint3 thread_index, uint3 block_index);
void set_builtin_dimensions(dim3 block, dim3 grid);

}  // namespace polyak::emulator
