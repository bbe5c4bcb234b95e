// Transposition of one chunk of a feature-major matrix.
#pragma once

#include <cstddef>

namespace polyak::cpu {

/// target[c * target_row + f] = source[f * source_row + c] for f < features, c < count.
/// `count` is a multiple of 4.
inline void transpose_chunk(const float* source, std::ptrdiff_t source_row, std::ptrdiff_t features,
                            std::ptrdiff_t count, float* target, std::ptrdiff_t target_row) {
  typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
  const auto load = [&](std::ptrdiff_t f, std::ptrdiff_t c) {
    return *reinterpret_cast<const Four*>(source + f * source_row + c);
  };
  const auto store = [&](std::ptrdiff_t c, std::ptrdiff_t f, Four values) {
    *reinterpret_cast<Four*>(target + c * target_row + f) = values;
  };
  const std::ptrdiff_t whole_features = features / 4 * 4;
  for (std::ptrdiff_t f = 0; f < whole_features; f += 4) {
    for (std::ptrdiff_t c = 0; c < count; c += 4) {
      const Four r0 = load(f, c), r1 = load(f + 1, c), r2 = load(f + 2, c), r3 = load(f + 3, c);
      const Four low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
      const Four low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
      const Four high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
      const Four high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
      store(c, f, __builtin_shufflevector(low01, low23, 0, 1, 4, 5));
      store(c + 1, f, __builtin_shufflevector(low01, low23, 2, 3, 6, 7));
      store(c + 2, f, __builtin_shufflevector(high01, high23, 0, 1, 4, 5));
      store(c + 3, f, __builtin_shufflevector(high01, high23, 2, 3, 6, 7));
    }
  }
  for (std::ptrdiff_t f = whole_features; f < features; ++f) {
    for (std::ptrdiff_t c = 0; c < count; ++c) {
      target[c * target_row + f] = source[f * source_row + c];
    }
  }
}

}  // namespace polyak::cpu
