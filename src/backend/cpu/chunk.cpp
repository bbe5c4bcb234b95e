#include "backend/cpu/chunk.hpp"

#include <algorithm>

namespace polyak::cpu {

std::ptrdiff_t chunk_count(std::ptrdiff_t columns) {
  return (columns + chunk_columns - 1) / chunk_columns;
}

Chunk chunk_at(std::ptrdiff_t index, std::ptrdiff_t columns) {
  const std::ptrdiff_t begin = index * chunk_columns;
  return {begin, std::min(chunk_columns, columns - begin)};
}

}  // namespace polyak::cpu
