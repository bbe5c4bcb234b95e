// Pieces of a batch that can be worked on independently.
#pragma once

#include <cstddef>

#include "backend/cpu/panel_matrix.hpp"

namespace polyak::cpu {

inline constexpr std::ptrdiff_t chunk_columns = 64;
static_assert(chunk_columns % panel_columns == 0);

/// Columns [begin, begin + count) of a batch, from the beginning of a panel on.
struct Chunk {
  std::ptrdiff_t begin;
  std::ptrdiff_t count;
};
std::ptrdiff_t chunk_count(std::ptrdiff_t columns);
Chunk chunk_at(std::ptrdiff_t index, std::ptrdiff_t columns);

}  // namespace polyak::cpu
