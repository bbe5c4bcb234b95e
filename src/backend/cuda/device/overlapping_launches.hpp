// Lets the kernels of a recorded graph be scheduled while those before them drain.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace polyak::cuda {

/// Whether it can be done: with CUDA 13 and later, on a current device of compute capability 9.0.
bool can_overlap_launches();

/// Makes every edge between two kernels that have no other edge there a programmatic one (CUDA
/// Programming Guide, "Programmatic Dependent Launch and Synchronization"), and says how many
/// there are. Where branches part or meet the edges stay as they are. 0, with the graph as it was,
/// where it cannot be done; after an error the graph is of no use.
cudaError_t overlap_launches(cudaGraph_t graph, std::int64_t& overlapping);

}  // namespace polyak::cuda
