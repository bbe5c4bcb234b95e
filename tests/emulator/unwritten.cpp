#include "emulator/unwritten.hpp"

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
  // Whole words in a loop by themselves, which the compiler makes one of vectors.
  auto* const first = static_cast<char*>(start);
  const std::size_t words = bytes / sizeof word;
  for (std::size_t i = 0; i < words; ++i) std::memcpy(first + i * sizeof word, &word, sizeof word);
  std::memcpy(first + words * sizeof word, &word, bytes % sizeof word);
}

}  // namespace polyak::emulator
