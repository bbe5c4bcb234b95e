#include "emulator/engine/shared_memory.hpp"

#include "emulator/engine/engine.hpp"
#include "emulator/engine/sanitizers.hpp"
#include "emulator/engine/yielding.hpp"
#include "emulator/unwritten.hpp"

namespace polyak::emulator {
namespace {

/// Of a static shared variable.
constexpr std::size_t kLargestAlignment = 128;

std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// Bytes at the front of the arena in which static variables may lie.
std::size_t static_extent(const Engine& engine) {
  if (engine.static_top > 0) return engine.static_top;
  return kDefaultSharedBytes + (2 * kRedZoneBytes + kLargestAlignment) * kStaticVariables;
}

Site declaration() { return {"a shared variable", {}}; }

/// The index of the variable, which is new in this launch if no thread has declared it before.
std::size_t find_or_add_variable(Engine& engine, const void* tag, std::size_t bytes,
                                 std::size_t alignment) {
  for (std::size_t i = 0; i < engine.static_variables.size(); ++i) {
    if (engine.static_variables[i].tag == tag) return i;
  }
  if (engine.static_variables.size() == kStaticVariables || alignment > kLargestAlignment) {
    fail_in_kernel("more static shared variables, or more alignment, than the emulator has",
                   declaration());
  }
  const std::size_t dynamic_bytes = engine.launch->dynamic_shared_bytes;
  engine.static_bytes += bytes;
  if (engine.static_bytes > kDefaultSharedBytes) {
    fail_in_kernel("more than 48 KiB of static shared memory", declaration());
  }
  if (engine.static_bytes + dynamic_bytes > engine.launch->shared_limit) {
    fail_in_kernel("more static and dynamic shared memory than the kernel has opted in to",
                   declaration());
  }
  const std::size_t offset = round_up(engine.static_top + kRedZoneBytes, alignment);
  engine.static_top = offset + bytes + kRedZoneBytes;
  engine.static_variables.push_back({tag, offset, bytes});
  return engine.static_variables.size() - 1;
}

}  // namespace

std::size_t dynamic_offset(const Launch& launch) {
  return kArenaBytes - kRedZoneBytes - round_up(launch.dynamic_shared_bytes, 16);
}

void prepare_shared_memory(Engine& engine, Block& block) {
  const std::size_t dynamic_bytes = engine.launch->dynamic_shared_bytes;
  char* dynamic = block.shared_memory + dynamic_offset(*engine.launch);
  unpoison(block.shared_memory, kArenaBytes);
  fill_as_unwritten(block.shared_memory, static_extent(engine));
  fill_as_unwritten(dynamic, dynamic_bytes);
  poison(block.shared_memory, kArenaBytes);
  unpoison(dynamic, dynamic_bytes);
}

void retire_shared_memory(Engine& engine, Block& block) {
  if (volume(engine.launch->cluster) == 1) return;
  // A peer that still reads is wrong; it finds no numbers, and AddressSanitizer stops it. For
  // ThreadSanitizer the memory changes after all threads of the block, not after the last one only.
  const RaceIdentity identity(engine.janitor);
  acquire(&engine.end_sync_object);
  char* dynamic = block.shared_memory + dynamic_offset(*engine.launch);
  unpoison(block.shared_memory, kArenaBytes);
  fill_as_unwritten(block.shared_memory, static_extent(engine));
  fill_as_unwritten(dynamic, engine.launch->dynamic_shared_bytes);
  poison(block.shared_memory, kArenaBytes);
}

void* static_shared_memory(const void* tag, std::size_t bytes, std::size_t alignment) {
  Engine& engine = running_engine("POLYAK_SHARED");
  Block& block = *engine.current->block;
  const std::size_t index = find_or_add_variable(engine, tag, bytes, alignment);
  char* address = block.shared_memory + engine.static_variables[index].offset;
  if (block.declared.size() <= index) block.declared.resize(index + 1);
  if (!block.declared[index]) {
    block.declared[index] = true;
    unpoison(address, bytes);
  }
  return address;
}

void* dynamic_shared_memory() {
  Engine& engine = running_engine("POLYAK_DYNAMIC_SHARED");
  return engine.current->block->shared_memory + dynamic_offset(*engine.launch);
}

void* map_to_cluster_rank(void* address, unsigned rank) {
  const Site site{"map_shared_rank", {}};
  Engine& engine = running_engine(site.operation);
  const Block& own = *engine.current->block;
  const Cluster& cluster = engine.clusters[own.cluster];
  const std::ptrdiff_t offset = static_cast<char*>(address) - own.shared_memory;
  if (offset < 0 || offset >= static_cast<std::ptrdiff_t>(kArenaBytes)) {
    fail_in_kernel("the address is not in the block's own shared memory", site);
  }
  if (rank >= volume(engine.launch->cluster)) fail_in_kernel("no such rank in the cluster", site);
  Block& peer = engine.blocks[cluster.first_block + rank];
  if (peer.live_threads == 0) fail_in_kernel("the peer block has already exited", site);
  if (&peer != &own) {
    peer.mapped_by_peer = true;
    peer.mapped_in_phase = cluster.barrier.phase;
  }
  return peer.shared_memory + offset;
}

}  // namespace polyak::emulator
