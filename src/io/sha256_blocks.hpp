// SHA-256's work on whole blocks of 64 bytes (FIPS 180-4, section 6.2.2), in two ways.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace polyak::sha256 {

using State = std::array<std::uint32_t, 8>;  // a to h

void add_blocks_portably(State& state, const std::byte* blocks, std::size_t count);

/// By the processor's instructions for it, which make a gigabyte a matter of a second. Only where
/// there are any.
void add_blocks_by_instructions(State& state, const std::byte* blocks, std::size_t count);
bool has_instructions();

}  // namespace polyak::sha256
