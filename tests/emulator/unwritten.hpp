#pragma once

#include <cstddef>
#include <cstdint>

namespace polyak::emulator {

/// Eight bytes that nobody has written: Options::poison, four times.
std::uint64_t unwritten_word();

/// Fills memory with them.
void fill_as_unwritten(void* start, std::size_t bytes);

}  // namespace polyak::emulator
