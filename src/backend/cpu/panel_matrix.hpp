// The layout of every activation and gradient of the CPU back end.
#pragma once

#include <cstddef>

#include "backend/cpu/aligned_array.hpp"
#include "backend/cpu/vector_register.hpp"

namespace polyak::cpu {

/// Columns of a panel: as many as a product's tile is wide.
inline constexpr std::ptrdiff_t panel_columns = lanes * tile_vectors;

/// A matrix [features, columns] cut into panels of panel_columns columns, each [features,
/// panel_columns] and contiguous. A column is one row of a batch. A product reads and writes panels
/// from the first float to the last, so the caches prefetch them and no two rows of a panel compete
/// for the same cache set, whatever the size of the batch. Zero at first; the last panel is whole.
class PanelMatrix {
 public:
  PanelMatrix() = default;
  PanelMatrix(std::ptrdiff_t features, std::ptrdiff_t columns)
      : features_(features),
        values_(static_cast<std::size_t>(features * round_up(columns, panel_columns))) {}

  std::ptrdiff_t features() const { return features_; }
  std::ptrdiff_t panel_floats() const { return features_ * panel_columns; }

  /// The panel that begins with `column`, a multiple of panel_columns.
  float* panel_at(std::ptrdiff_t column) { return values_.data() + column * features_; }
  const float* panel_at(std::ptrdiff_t column) const { return values_.data() + column * features_; }

  float& operator()(std::ptrdiff_t feature, std::ptrdiff_t column) {
    return values_.data()[offset(feature, column)];
  }
  const float& operator()(std::ptrdiff_t feature, std::ptrdiff_t column) const {
    return values_.data()[offset(feature, column)];
  }

 private:
  std::ptrdiff_t offset(std::ptrdiff_t feature, std::ptrdiff_t column) const {
    const std::ptrdiff_t within = column % panel_columns;
    return (column - within) * features_ + feature * panel_columns + within;
  }

  std::ptrdiff_t features_ = 0;
  AlignedArray values_;
};

}  // namespace polyak::cpu
