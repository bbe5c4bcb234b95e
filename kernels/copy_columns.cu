// target = source for blocks of columns: an action to where a critic's later layer reads it.
//
//   source, target [rows, columns] per agent (copy_columns.hpp).
//
// One thread per element; grid (elements, agents, copies). Bound by the latency of the launch.
#include "kernels/copy_columns.hpp"
#include "kernels/launch.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = 256;

struct Copies {
  CopyColumns copy[max_column_copies];
};

__global__ void __launch_bounds__(threads) copy_columns(const Copies copies) {
  wait_for_previous_kernel();
  const CopyColumns& copy = copies.copy[blockIdx.z];
  const std::int64_t element = global_thread();
  const std::int64_t row = element / copy.columns, column = element % copy.columns;
  if (row >= copy.rows) return;
  const std::int64_t agent = blockIdx.y;
  copy.target
      .data[agent * copy.target.agent_stride + row * copy.target.leading_dimension + column] =
      copy.source
          .data[agent * copy.source.agent_stride + row * copy.source.leading_dimension + column];
}

}  // namespace

cudaError_t launch_copy_columns(std::span<const CopyColumns> copies, cudaStream_t stream) {
  if (copies.empty()) return cudaSuccess;
  if (copies.size() > max_column_copies) return cudaErrorInvalidValue;
  Copies arguments{};
  for (std::size_t i = 0; i < copies.size(); ++i) {
    const CopyColumns& first = copies.front();
    const CopyColumns& copy = arguments.copy[i] = copies[i];
    if (copy.agents != first.agents || copy.rows != first.rows || copy.columns != first.columns) {
      return cudaErrorInvalidValue;
    }
  }
  const std::int64_t elements =
      static_cast<std::int64_t>(copies.front().rows) * copies.front().columns;
  if (copies.front().agents == 0 || elements == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(elements, threads)), grid_size(copies.front().agents),
                  static_cast<unsigned>(copies.size()));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, copy_columns, arguments);
}

}  // namespace polyak::kernels
