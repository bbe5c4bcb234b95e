// rows[environment, 0] = first[environment], for the environments of every agent.
//
//   first [agents, environments, row floats], replay rows [agents, environments,
//   rows_per_environment, row floats] (first_rows.hpp).
//
// One thread per float. Bound by where `first` lies: by the bus if that is the host's memory.
#include "kernels/first_rows.hpp"
#include "kernels/launch.cuh"

namespace polyak::kernels {
namespace {

constexpr int threads = 256;

__global__ void __launch_bounds__(threads) store_first_rows(const StoreFirstRows arguments) {
  wait_for_previous_kernel();
  const Replays& replays = arguments.replays;
  const std::int64_t row_floats = replays.layout.floats();
  const std::int64_t i = global_thread();
  if (i >= arguments.agents * replays.environments * row_floats) return;
  const std::int64_t environment = i / row_floats, place = i % row_floats;
  replays.rows[environment * replays.rows_per_environment * row_floats + place] = arguments.rows[i];
}

}  // namespace

cudaError_t launch_store_first_rows(const StoreFirstRows& arguments, cudaStream_t stream) {
  const std::int64_t floats =
      arguments.agents * arguments.replays.environments * arguments.replays.layout.floats();
  if (floats == 0) return cudaSuccess;
  const cudaLaunchConfig_t config =
      launch_config(grid_size(divide_up(floats, threads)), threads, stream);
  return cudaLaunchKernelEx(&config, store_first_rows, arguments);
}

}  // namespace polyak::kernels
