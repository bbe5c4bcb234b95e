#include "model/memory.hpp"

#include <cstdio>

namespace polyak::model {
namespace {

constexpr std::uint8_t unset_byte = 0xff;  // makes NaNs

std::string address_text(std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

Memory::Memory(int blocks, std::size_t shared_bytes)
    : shared_(static_cast<std::size_t>(blocks),
              std::vector<std::uint8_t>(shared_bytes, unset_byte)) {}

void Memory::announce(const void* data, std::size_t bytes) {
  const auto begin = reinterpret_cast<std::uintptr_t>(data);
  if (bytes > 0) global_[begin + bytes] = begin;
}

std::uint8_t* Memory::locate(std::uint64_t address, std::size_t bytes, int first_block) {
  if (address % bytes != 0) throw ModelError("misaligned address " + address_text(address));
  if (is_shared(address)) {
    const auto rank = static_cast<std::size_t>(first_block + rank_of(address));
    const std::size_t offset = shared_offset(address);
    if (rank < shared_.size() && offset + bytes <= shared_[rank].size()) {
      return &shared_[rank][offset];
    }
    throw ModelError("no shared memory at " + address_text(address));
  }
  const auto array = global_.upper_bound(address);
  if (array == global_.end() || address < array->second || address + bytes > array->first) {
    throw ModelError("no memory at " + address_text(address));
  }
  return reinterpret_cast<std::uint8_t*>(address);
}

}  // namespace polyak::model
