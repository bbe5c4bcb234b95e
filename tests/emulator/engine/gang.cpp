#include <utility>

#include "emulator/engine/engine.hpp"
#include "emulator/engine/sanitizers.hpp"

namespace polyak::emulator {
namespace {

/// Makes stacks that do not share the low bits of their tops' addresses.
std::size_t stagger(unsigned thread) { return thread % 61 * 192; }
static_assert(60 * 192 <= kLargestStagger);

void map_memory(Engine& engine, unsigned block_count) {
  const std::size_t arena_bytes = block_count * kArenaBytes;
  engine.arenas.reserve(arena_bytes);
  const std::size_t sync_bytes = kGridSyncBytes + block_count * kBlockSyncBytes;
  engine.sync_objects.reserve(sync_bytes);
  if constexpr (kThreadSanitizer) {
    engine.arenas.refresh(arena_bytes);
    engine.sync_objects.refresh(sync_bytes);
  }
}

/// The position in the grid of the block with this cluster-major number.
uint3 block_position(const Launch& launch, unsigned number) {
  const dim3 size = launch.cluster;
  const dim3 clusters(launch.grid.x / size.x, launch.grid.y / size.y, launch.grid.z / size.z);
  const unsigned cluster = number / volume(size);
  const unsigned rank = number % volume(size);
  return {cluster % clusters.x * size.x + rank % size.x,
          cluster / clusters.x % clusters.y * size.y + rank / size.x % size.y,
          cluster / clusters.x / clusters.y * size.z + rank / size.x / size.y};
}

void set_up_thread(Engine& engine, Block& block, unsigned rank, const ThreadContext& common,
                   void (*entry)()) {
  const dim3 shape = engine.launch->block;
  const unsigned index = block.first_thread + rank;
  Thread& thread = engine.threads[index];
  std::vector<PendingCopy> copies = std::move(thread.copies);
  copies.clear();
  thread = Thread();
  thread.copies = std::move(copies);
  static_cast<ThreadContext&>(thread) = common;
  thread.thread_index = {rank % shape.x, rank / shape.x % shape.y, rank / shape.x / shape.y};
  thread.rank_in_block = rank;
  thread.lane = rank % kWarpLanes;
  thread.warp = rank / kWarpLanes;
  thread.block = &block;
  thread.index = index;
  const Stacks& stacks = engine.stacks;
  thread.fiber.prepare(stacks.stack(index), stacks.stack_bytes(), stagger(index),
                       stacks.race_fiber(index), entry);
}

void set_up_block(Engine& engine, unsigned slot, unsigned number, void (*entry)()) {
  const Launch& launch = *engine.launch;
  const unsigned cluster_blocks = volume(launch.cluster);
  const unsigned thread_count = volume(launch.block);
  Block& block = engine.blocks[slot];
  Cluster& cluster = engine.clusters[slot / cluster_blocks];
  block.live_threads = thread_count;
  block.first_thread = slot * thread_count;
  block.cluster = slot / cluster_blocks;
  block.shared_memory = engine.arenas.data() + slot * kArenaBytes;
  block.sync_objects = engine.sync_objects.data() + kGridSyncBytes + slot * kBlockSyncBytes;
  block.barrier.sync_objects = block.sync_objects;
  cluster.live_threads += thread_count;
  ThreadContext common;
  common.block_index = block_position(launch, number);
  common.cluster_dimensions = launch.cluster;
  common.rank_in_cluster = number % cluster_blocks;
  if (common.rank_in_cluster == 0) {
    cluster.first_block = slot;
    cluster.barrier.sync_objects = block.sync_objects + 64;
  }
  prepare_shared_memory(engine, block);
  for (unsigned rank = 0; rank < thread_count; ++rank) {
    set_up_thread(engine, block, rank, common, entry);
  }
}

/// Orders what an abandoned thread did before what comes after the launch, as the regular end of a
/// thread does.
void release_abandoned(Engine& engine, const Thread& thread) {
  const RaceIdentity identity(thread.fiber.race_fiber());
  release(&engine.end_sync_object);
}

/// The next gang uses the memory of this one, except under ThreadSanitizer, which would take that
/// for a race; for stacks see Stacks. The host itself must not wait for the threads between gangs,
/// or races between blocks could not be seen; so freeing is done under another identity, which
/// does.
void free_gang(Engine& engine) {
  engine.current = nullptr;
  if constexpr (!kThreadSanitizer) return;
  const RaceIdentity identity(engine.janitor);
  acquire(&engine.end_sync_object);
  engine.threads = std::vector<Thread>();
  engine.blocks = std::vector<Block>();
  engine.clusters = std::vector<Cluster>();
}

}  // namespace

void set_up_gang(Engine& engine, unsigned first, unsigned count, void (*entry)()) {
  const Launch& launch = *engine.launch;
  engine.live_threads = count * volume(launch.block);
  engine.threads.resize(engine.live_threads);
  engine.blocks.assign(count, Block());
  engine.clusters.assign(count / volume(launch.cluster), Cluster());
  map_memory(engine, count);
  engine.stacks.begin_gang(engine.live_threads);
  engine.grid_barrier = {};
  engine.grid_barrier.sync_objects = engine.sync_objects.data();
  for (unsigned slot = 0; slot < count; ++slot) set_up_block(engine, slot, first + slot, entry);
  release(&engine.launch_sync_object);
}

void tear_down_gang(Engine& engine) {
  const bool abandoned = !engine.error.empty();
  for (Block& block : engine.blocks) poison(block.shared_memory, kArenaBytes);
  if (abandoned) {
    for (const Thread& thread : engine.threads) release_abandoned(engine, thread);
    engine.stacks.renew();
  }
  free_gang(engine);
}

}  // namespace polyak::emulator
