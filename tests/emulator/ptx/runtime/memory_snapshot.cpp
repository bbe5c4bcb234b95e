#include "emulator/ptx/runtime/memory_snapshot.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace polyak::emulator::ptx {
namespace {

/// The word of 32 bits at an offset. An allocation's last word may be short.
std::uint32_t word_at(const std::byte* start, std::size_t bytes, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, start + at, std::min<std::size_t>(4, bytes - at));
  return word;
}

/// As bits and as a float.
std::string describe_word(const std::byte* start, std::size_t bytes, std::size_t at) {
  const std::uint32_t word = word_at(start, bytes, at);
  char text[64];
  std::snprintf(text, sizeof text, "%08x (%.9g)", word,
                static_cast<double>(std::bit_cast<float>(word)));
  return text;
}

/// Whether two words differ only in the sign of what arithmetic on a CPU gives for no number, a
/// float or a double's upper half: it depends on how a compiler orders operands, and a GPU has a
/// third pattern.
bool differ_in_the_sign_of_no_number(std::uint32_t a, std::uint32_t b) {
  constexpr std::uint32_t sign = 0x80000000u;
  const std::uint32_t rest = a & ~sign;
  return (a ^ b) == sign && (rest == 0x7fc00000u || rest == 0x7ff80000u);
}

/// The offset of the first word of 32 bits that differs in more than that; `bytes` if none does.
std::size_t first_other_word(const std::byte* a, const std::byte* b, std::size_t bytes) {
  if (bytes == 0 || std::memcmp(a, b, bytes) == 0) return bytes;
  for (std::size_t at = 0; at < bytes; at += 4) {
    const std::uint32_t of_a = word_at(a, bytes, at), of_b = word_at(b, bytes, at);
    if (of_a != of_b && !differ_in_the_sign_of_no_number(of_a, of_b)) return at;
  }
  return bytes;
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
    const std::size_t at = first_other_word(saved, start, bytes);
    if (at == bytes) continue;
    return "allocation " + std::to_string(i) + " of " + std::to_string(bytes) +
           " bytes first differs at offset " + std::to_string(at) + ": " + name_of_this + " has " +
           describe_word(saved, bytes, at) + ", " + name_of_memory + " " +
           describe_word(start, bytes, at);
  }
  return std::nullopt;
}

}  // namespace polyak::emulator::ptx
