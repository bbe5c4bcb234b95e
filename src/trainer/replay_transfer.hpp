// The rows of the replay that have been written, between a back end and a file, in pieces.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "backend/backend.hpp"
#include "io/tensor_file.hpp"

namespace polyak {

/// Where rows are: a ring of so many rows for each environment of each agent, of which the first
/// used[i] have been written; the others nobody has asked for yet.
struct ReplayRows {
  std::int64_t row_floats, rows_per_ring;
  std::vector<std::int64_t> used;  // [agents * environments], in rows

  std::int64_t total() const;  // rows in use
};

/// From the counts of rows ever written, TrainingState::rows_written.
ReplayRows written_rows(const Config& config, std::span<const std::int64_t> rows_written);

/// Appends the rows in use.
void write_rows(const ReplayRows& rows, Backend& backend, TensorFileWriter& file);

/// Reads them back from the tensor of this name.
void read_rows(const ReplayRows& rows, const TensorFileReader& file, std::string_view tensor,
               Backend& backend);

}  // namespace polyak
