#include "emulator/unwritten.hpp"

#include <algorithm>
#include <cstring>

#include "emulator/options.hpp"

namespace polyak::emulator {

std::uint64_t unwritten_word() { return std::uint64_t{options().poison} * 0x0001'0001'0001'0001u; }

void fill_as_unwritten(void* start, std::size_t bytes) {
  const std::uint64_t word = unwritten_word();
  if (word == ~std::uint64_t{0}) {
    std::memset(start, 0xFF, bytes);
    return;
  }
  auto* const first = static_cast<char*>(start);
  for (std::size_t at = 0; at < bytes; at += sizeof word) {
    std::memcpy(first + at, &word, std::min(sizeof word, bytes - at));
  }
}

}  // namespace polyak::emulator
