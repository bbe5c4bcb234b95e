// Transposition of one panel.
#pragma once

#include <algorithm>
#include <cstddef>

#include "backend/cpu/four_columns.hpp"
#include "backend/cpu/panel_matrix.hpp"

namespace polyak::cpu {

/// target[c * panel_columns + f] = source[f * panel_columns + c] for f < features and c < count,
/// both up to panel_columns. `count` is a multiple of 4; features from there up to a whole register
/// are zero in `target`. A row of `target` is written a register at a time: line after line, of
/// which each would else be fetched for every four of its floats.
inline void transpose_panel(const float* source, std::ptrdiff_t features, std::ptrdiff_t count,
                            float* target) {
  const auto transpose_rows = [=](std::ptrdiff_t first, const auto& at) {
    for (std::ptrdiff_t c = 0; c < count; c += 4) {
      Vector columns[4];
      const float* const from = source + first * panel_columns + c;
      four_columns([&](int row) { return at(from, row); }, columns);
      for (int i = 0; i < 4; ++i) store(target + (c + i) * panel_columns + first, columns[i]);
    }
  };
  const auto every_row = [](const float* from, int row) {
    return load_four(from + row * panel_columns);
  };
  std::ptrdiff_t first = 0;
  for (; first + lanes <= features; first += lanes) transpose_rows(first, every_row);
  if (first == features) return;
  transpose_rows(first, [&](const float* from, int row) {
    return first + row < features ? every_row(from, row) : Four{};
  });
}

}  // namespace polyak::cpu
