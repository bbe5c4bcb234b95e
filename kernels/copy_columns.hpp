// Columns of one matrix to columns of another.
#pragma once

#include <cuda_runtime_api.h>

#include <span>

#include "kernels/arrays.hpp"

namespace polyak::kernels {

inline constexpr int max_column_copies = 4;

/// target = source, for every agent.
struct CopyColumns {
  int agents, rows, columns;
  ConstStridedBatch source;  // [rows, columns]
  StridedBatch target;       // [rows, columns]; must not overlap any source
};

/// Up to max_column_copies of equal size, in one launch.
cudaError_t launch_copy_columns(std::span<const CopyColumns> copies, cudaStream_t stream);

}  // namespace polyak::kernels
