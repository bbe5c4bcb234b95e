#include "emulator/ptx/runtime/address_spaces.hpp"

#include <vector>

#include "emulator/engine/engine.hpp"
#include "emulator/engine/yielding.hpp"
#include "emulator/runtime/memory.hpp"

namespace polyak::emulator::ptx {
namespace {

u64 address_of(const void* pointer) { return reinterpret_cast<u64>(pointer); }

/// Never destroyed: modules register before main.
std::vector<AddressRange>& constants() {
  static auto& ranges = *new std::vector<AddressRange>;
  return ranges;
}

AddressRange parameter_memory;

AddressRange range_with(u64 address, unsigned bytes) {
  const Allocation found = find_allocation(reinterpret_cast<const void*>(address), bytes);
  const u64 begin = address_of(found.start);
  if (found.start != nullptr) return {begin, begin + found.bytes};
  for (const AddressRange& constant : constants()) {
    if (constant.holds(address, bytes)) return constant;
  }
  return {};
}

}  // namespace

GlobalMemoryCache global_memory_cache;

void prepare_address_spaces(const std::byte* parameters, std::size_t bytes) {
  global_memory_cache = {};
  parameter_memory = {address_of(parameters), address_of(parameters) + bytes};
}

bool find_global_memory(u64 address, unsigned bytes) {
  const AddressRange range = range_with(address, bytes);
  const auto entry = address / GlobalMemoryCache::granularity % GlobalMemoryCache::entries;
  if (range.end == 0) return false;
  global_memory_cache.ranges[entry] = range;
  return true;
}

u64 static_shared_offset(const void* tag, std::size_t bytes, std::size_t alignment) {
  const void* place = static_shared_memory(tag, bytes, alignment < 16 ? 16 : alignment);
  return address_of(place) - address_of(running_engine("PTX").current->block->shared_memory);
}

u64 dynamic_shared_offset() { return dynamic_offset(*running_engine("PTX").launch); }

ConstantMemory::ConstantMemory(const void* start, std::size_t bytes) {
  constants().push_back({address_of(start), address_of(start) + bytes});
}

AddressSpaces::AddressSpaces() : parameters_(parameter_memory) {
  const Engine& engine = running_engine("PTX");
  arena_ = address_of(engine.current->block->shared_memory);
  static_ = {arena_, arena_ + engine.static_top};
  const u64 dynamic = arena_ + dynamic_offset(*engine.launch);
  dynamic_ = {dynamic, dynamic + engine.launch->dynamic_shared_bytes};
  arenas_ = {address_of(engine.arenas.data()),
             address_of(engine.arenas.data()) + engine.blocks.size() * kArenaBytes};
  stacks_ = {address_of(engine.stacks.begin()), address_of(engine.stacks.end())};
}

void AddressSpaces::fail(const char* what, unsigned line) {
  fail_in_kernel(what, {"an access", {"the PTX", line, 0}});
}

}  // namespace polyak::emulator::ptx
