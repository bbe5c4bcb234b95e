// *counter += increment: one thread. Bound by the latency of the launch.
#include "kernels/counter.hpp"
#include "kernels/launch.cuh"

namespace polyak::kernels {
namespace {

__global__ void advance_counter(std::int64_t* counter, std::int64_t increment) {
  wait_for_previous_kernel();
  *counter += increment;
}

}  // namespace

cudaError_t launch_advance_counter(std::int64_t* counter, std::int64_t increment,
                                   cudaStream_t stream) {
  const cudaLaunchConfig_t config = launch_config(1, 1, stream);
  return cudaLaunchKernelEx(&config, advance_counter, counter, increment);
}

}  // namespace polyak::kernels
