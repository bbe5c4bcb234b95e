// How the rows of a batch lie in the columns of the CPU back end's matrices.
#pragma once

#include <cstddef>

#include "backend/cpu/chunk.hpp"
#include "polyak/config.hpp"
#include "polyak/core/summation.hpp"

namespace polyak::cpu {

/// A batch of independent rows takes one column for each. A batch of sequences is cut into groups
/// of group_width sequences: a group is one chunk, in which step t of its sequence b is column t *
/// group_width + b. So a chunk can be worked on independently either way, and the steps of a
/// sequence follow each other inside it.
class BatchShape {
 public:
  static BatchShape rows(std::ptrdiff_t count);
  /// The same in a single chunk, for networks whose rows depend on each other.
  static BatchShape joint_rows(std::ptrdiff_t count);
  static BatchShape sequences(std::ptrdiff_t count, std::ptrdiff_t steps);

  /// Of every matrix. Those beyond the batch are padding.
  std::ptrdiff_t columns() const { return chunks_ * chunk_width_ - cut_off_; }
  /// Those that have rows of the batch among them, from the first one on.
  std::ptrdiff_t used_columns() const { return steps_ == 1 ? count_ : columns(); }
  std::ptrdiff_t chunk_count() const { return chunks_; }
  Chunk chunk(std::ptrdiff_t index) const;

  /// Steps in time, and how many columns there are from one to the next; a chunk of independent
  /// rows is a single step.
  std::ptrdiff_t steps() const { return steps_; }
  std::ptrdiff_t step_width(Chunk chunk) const { return steps_ == 1 ? chunk.count : group_width; }

  /// In what order sums take the columns: in rising order, by groups of so many (RowOrder).
  RowOrder order() const { return {static_cast<int>(count_), static_cast<int>(steps_)}; }
  std::ptrdiff_t group_columns() const {
    const std::ptrdiff_t places = order().group_places();
    return steps_ == 1 ? places : places / (group_width * steps_) * chunk_width_;
  }

  /// Where step `step` of sequence `sequence` is.
  std::ptrdiff_t column(std::ptrdiff_t sequence, std::ptrdiff_t step) const;
  /// The column of a row, which is step * sequences + sequence.
  std::ptrdiff_t column_of_row(std::ptrdiff_t row) const {
    return steps_ == 1 ? row : column(row % count_, row / count_);
  }
  /// The row of a column, by which random numbers know it.
  std::ptrdiff_t row(std::ptrdiff_t column) const;

  static constexpr std::ptrdiff_t group_width = row_lanes;
  static_assert(group_width % lanes == 0);

 private:
  BatchShape(std::ptrdiff_t count, std::ptrdiff_t steps, std::ptrdiff_t chunks,
             std::ptrdiff_t chunk_width, std::ptrdiff_t cut_off)
      : count_(count),
        steps_(steps),
        chunks_(chunks),
        chunk_width_(chunk_width),
        cut_off_(cut_off) {}

  std::ptrdiff_t count_, steps_, chunks_, chunk_width_;
  std::ptrdiff_t cut_off_;  // columns that the last chunk is narrower
};

/// Of the batches that a training learns from.
BatchShape batch_shape(const Config& config);

}  // namespace polyak::cpu
