// Register tiles of rows x vectors accumulators: per step of k, `vectors` loads of B and `rows`
// broadcasts of A feed rows * vectors multiply-adds. Bound by arithmetic: 6 x 4 on AVX-512 leaves 8
// of 32 registers for operands, 6 x 2 on AVX leaves 4 of 16.
// This file alone is compiled with -ffp-contract=fast, so that a * b + c is one instruction.
#include "backend/cpu/matrix_product.hpp"

#include <algorithm>
#include <utility>

namespace polyak::cpu {
namespace {

#if defined(__AVX512F__)
constexpr int lanes = 16, tile_rows = 6, tile_vectors = 4;
constexpr const char* instructions = "AVX-512";
#elif defined(__AVX2__) && defined(__FMA__)
constexpr int lanes = 8, tile_rows = 6, tile_vectors = 2;
constexpr const char* instructions = "AVX2";
#else
constexpr int lanes = 4, tile_rows = 4, tile_vectors = 2;
constexpr const char* instructions = "128-bit vectors";
#endif

// aligned(4): loads need not be aligned; may_alias: float arrays are read as vectors.
typedef float Vector __attribute__((vector_size(lanes * sizeof(float)), aligned(4), may_alias));

const Vector* vectors_at(const float* pointer) { return reinterpret_cast<const Vector*>(pointer); }
Vector* vectors_at(float* pointer) { return reinterpret_cast<Vector*>(pointer); }

template <int Rows, int Vectors>
void product_tile(const ProductArguments& p, const float* a, const float* b, const float* bias,
                  float* c) {
  Vector sum[Rows][Vectors];
  for (int m = 0; m < Rows; ++m) {
    for (int v = 0; v < Vectors; ++v) sum[m][v] = Vector{} + (bias ? bias[m] : 0.0f);
  }
  for (std::ptrdiff_t k = 0; k < p.depth; ++k) {
    const Vector* const b_vectors = vectors_at(b + k * p.b_row);
    const float* const a_column = a + k * p.a_column;
#pragma GCC unroll 8
    for (int m = 0; m < Rows; ++m) {
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sum[m][v] += a_column[m * p.a_row] * b_vectors[v];
    }
  }
  for (int m = 0; m < Rows; ++m) {
    Vector* const c_vectors = vectors_at(c + m * p.c_row);
    for (int v = 0; v < Vectors; ++v) {
      // The comparison is written so that NaN passes through.
      c_vectors[v] = p.relu ? (sum[m][v] < 0.0f ? Vector{} : sum[m][v]) : sum[m][v];
    }
  }
}

using Tile = void (*)(const ProductArguments&, const float*, const float*, const float*, float*);

/// Tiles of every height up to tile_rows and width up to tile_vectors, for the edges.
template <int... Index>
constexpr auto make_tiles(std::integer_sequence<int, Index...>) {
  struct Table {
    Tile tile[tile_rows * tile_vectors];
  };
  return Table{{product_tile<Index / tile_vectors + 1, Index % tile_vectors + 1>...}};
}
constexpr auto tiles = make_tiles(std::make_integer_sequence<int, tile_rows * tile_vectors>{});

}  // namespace

void matrix_product(const ProductArguments& p) {
  const std::ptrdiff_t all_vectors = p.columns / lanes;
  for (std::ptrdiff_t first = 0; first < all_vectors; first += tile_vectors) {
    const std::ptrdiff_t vectors = std::min<std::ptrdiff_t>(tile_vectors, all_vectors - first);
    for (std::ptrdiff_t m = 0; m < p.rows; m += tile_rows) {
      const std::ptrdiff_t rows = std::min<std::ptrdiff_t>(tile_rows, p.rows - m);
      const std::ptrdiff_t column = first * lanes;
      tiles.tile[(rows - 1) * tile_vectors + vectors - 1](p, p.a + m * p.a_row, p.b + column,
                                                          p.bias ? p.bias + m : nullptr,
                                                          p.c + m * p.c_row + column);
    }
  }
}

const char* instruction_set() { return instructions; }

}  // namespace polyak::cpu
