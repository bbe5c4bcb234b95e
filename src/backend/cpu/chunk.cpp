#include "backend/cpu/chunk.hpp"

#include <algorithm>

namespace polyak::cpu {
namespace {

/// Sixteen running sums of vector_at(column), then a tree.
template <class VectorAt>
float sum_over_columns(std::ptrdiff_t columns, const VectorAt& vector_at) {
  constexpr int running = 16, vectors = running / lanes;
  Vector sums[vectors] = {};
  for (std::ptrdiff_t first = 0; first < columns; first += running) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      const std::ptrdiff_t column = first + v * lanes;
      if (column < columns) sums[v] += vector_at(column);
    }
  }
  float tree[running];
#pragma GCC unroll 4
  for (int v = 0; v < vectors; ++v) store(tree + v * lanes, sums[v]);
  for (int half = running / 2; half > 0; half /= 2) {
    for (int lane = 0; lane < half; ++lane) tree[lane] += tree[lane + half];
  }
  return tree[0];
}

}  // namespace

std::ptrdiff_t chunk_count(std::ptrdiff_t columns) {
  return (columns + chunk_columns - 1) / chunk_columns;
}

Chunk chunk_at(std::ptrdiff_t index, std::ptrdiff_t columns) {
  const std::ptrdiff_t begin = index * chunk_columns;
  return {begin, std::min(chunk_columns, columns - begin)};
}

float row_sum(const PanelMatrix& values, std::ptrdiff_t row, std::ptrdiff_t columns) {
  return sum_over_columns(columns,
                          [&](std::ptrdiff_t column) { return load(&values(row, column)); });
}

float row_product(const PanelMatrix& values, const PanelMatrix& factors, std::ptrdiff_t row,
                  std::ptrdiff_t columns) {
  return sum_over_columns(columns, [&](std::ptrdiff_t column) {
    return load(&values(row, column)) * load(&factors(row, column));
  });
}

}  // namespace polyak::cpu
