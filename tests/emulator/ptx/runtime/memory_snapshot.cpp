#include "emulator/ptx/runtime/memory_snapshot.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace polyak::emulator::ptx {
namespace {

/// The word of 32 bits around a byte, as bits and as a float. An allocation's last word may be
/// short.
std::string describe_word(const std::byte* start, std::size_t bytes, std::size_t at) {
  const std::size_t first = at / 4 * 4;
  std::uint32_t word = 0;
  std::memcpy(&word, start + first, std::min<std::size_t>(4, bytes - first));
  char text[64];
  std::snprintf(text, sizeof text, "%08x (%.9g)", word,
                static_cast<double>(std::bit_cast<float>(word)));
  return text;
}

}  // namespace

MemorySnapshot::MemorySnapshot() : allocations_(allocations()) {
  contents_.reserve(allocations_.size());
  for (const Allocation& one : allocations_)
    contents_.emplace_back(one.start, one.start + one.bytes);
}

void MemorySnapshot::swap_with_memory() {
  for (std::size_t i = 0; i < allocations_.size(); ++i) {
    std::swap_ranges(contents_[i].begin(), contents_[i].end(), allocations_[i].start);
  }
}

std::optional<std::string> MemorySnapshot::first_difference(const char* name_of_this,
                                                            const char* name_of_memory) const {
  for (std::size_t i = 0; i < allocations_.size(); ++i) {
    const auto& [start, bytes] = allocations_[i];
    const std::byte* const saved = contents_[i].data();
    if (bytes == 0 || std::memcmp(saved, start, bytes) == 0) continue;
    const auto at =
        static_cast<std::size_t>(std::mismatch(saved, saved + bytes, start).first - saved);
    return "allocation " + std::to_string(i) + " of " + std::to_string(bytes) +
           " bytes first differs at offset " + std::to_string(at / 4 * 4) + ": " + name_of_this +
           " has " + describe_word(saved, bytes, at) + ", " + name_of_memory + " " +
           describe_word(start, bytes, at);
  }
  return std::nullopt;
}

}  // namespace polyak::emulator::ptx
