#include "emulator/runtime/functions.hpp"

#include <cuda_runtime.h>

#include <algorithm>
#include <map>
#include <utility>

#include "emulator/engine/launch.hpp"
#include "emulator/engine/thread_context.hpp"
#include "emulator/options.hpp"
#include "emulator/runtime/device.hpp"
#include "emulator/runtime/errors.hpp"
#include "emulator/runtime/host_call.hpp"
#include "emulator/runtime/kernel_launch.hpp"

namespace polyak::emulator {
namespace {

/// Registers per thread that cudaFuncGetAttributes reports; the emulator cannot know.
constexpr int kReportedRegisters = 32;

cudaError_t set_dynamic_limit(KernelFunction& function, int value) {
  const std::size_t room = kLargestSharedBytes - function.static_shared_bytes;
  if (value < 0 || static_cast<std::size_t>(value) > room) return cudaErrorInvalidValue;
  function.opted_in = true;
  function.opted_in_bytes = static_cast<std::size_t>(value);
  return cudaSuccess;
}

}  // namespace

KernelFunction& kernel_function(const void* function) {
  static std::map<std::pair<int, const void*>, KernelFunction> functions;
  int device = 0;
  cudaGetDevice(&device);
  return functions[{device, function}];
}

unsigned cluster_limit(const KernelFunction& function) {
  const unsigned allowed =
      function.large_clusters_allowed ? kMaximumClusterBlocks : kPortableClusterBlocks;
  return std::min(allowed, options().largest_cluster);
}

unsigned resident_blocks(const KernelFunction& function, unsigned block_threads,
                         std::size_t dynamic_bytes) {
  if (block_threads == 0 || block_threads > kMaximumBlockThreads) return 0;
  if (dynamic_bytes > function.dynamic_limit()) return 0;
  const unsigned warp_threads = (block_threads + 31) / 32 * 32;
  const std::size_t shared = function.static_shared_bytes + dynamic_bytes + kReservedSharedBytes;
  const auto by_shared = static_cast<unsigned>(kMultiprocessorSharedBytes / shared);
  return std::min({kMultiprocessorBlocks, kMultiprocessorThreads / warp_threads, by_shared});
}

unsigned device_blocks(unsigned blocks_per_multiprocessor) {
  return blocks_per_multiprocessor * static_cast<unsigned>(options().multiprocessors);
}

unsigned resident_clusters(unsigned blocks_per_multiprocessor, unsigned cluster_blocks) {
  if (blocks_per_multiprocessor == 0 || cluster_blocks == 0) return 0;
  return std::max(1u, device_blocks(blocks_per_multiprocessor) / cluster_blocks);
}

}  // namespace polyak::emulator

using namespace polyak::emulator;

extern "C" {

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  const HostCall call;
  if (kernel == nullptr) return report(cudaErrorInvalidDeviceFunction);
  KernelFunction& function = kernel_function(kernel);
  switch (attribute) {
    case cudaFuncAttributeMaxDynamicSharedMemorySize:
      return report(set_dynamic_limit(function, value));
    case cudaFuncAttributeNonPortableClusterSizeAllowed:
      function.large_clusters_allowed = value != 0;
      return cudaSuccess;
    case cudaFuncAttributePreferredSharedMemoryCarveout:
      return report(value >= -1 && value <= 100 ? cudaSuccess : cudaErrorInvalidValue);
    default:
      return report(cudaErrorInvalidValue);
  }
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* kernel) {
  const HostCall call;
  if (attributes == nullptr) return report(cudaErrorInvalidValue);
  if (kernel == nullptr) return report(cudaErrorInvalidDeviceFunction);
  const KernelFunction& function = kernel_function(kernel);
  *attributes = {};
  attributes->sharedSizeBytes = function.static_shared_bytes;
  attributes->maxDynamicSharedSizeBytes = static_cast<int>(function.dynamic_limit());
  attributes->maxThreadsPerBlock = kMaximumBlockThreads;
  attributes->numRegs = kReportedRegisters;
  attributes->binaryVersion = options().capability;
  attributes->ptxVersion = attributes->binaryVersion;
  attributes->nonPortableClusterSizeAllowed = function.large_clusters_allowed ? 1 : 0;
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* kernel,
                                                          int block_threads, size_t dynamic_bytes) {
  const HostCall call;
  if (blocks == nullptr || block_threads <= 0) return report(cudaErrorInvalidValue);
  if (kernel == nullptr) return report(cudaErrorInvalidDeviceFunction);
  *blocks = static_cast<int>(resident_blocks(kernel_function(kernel),
                                             static_cast<unsigned>(block_threads), dynamic_bytes));
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* kernel,
                                                                   int block_threads,
                                                                   size_t dynamic_bytes, unsigned) {
  const HostCall call;
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, kernel, block_threads,
                                                       dynamic_bytes);
}

cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, const void* kernel,
                                           const cudaLaunchConfig_t* config) {
  const HostCall call;
  if (clusters == nullptr || config == nullptr) return report(cudaErrorInvalidValue);
  if (kernel == nullptr) return report(cudaErrorInvalidDeviceFunction);
  Launch launch;
  if (const cudaError_t status = describe_launch(*config, kernel, &launch)) return status;
  const KernelFunction& function = kernel_function(kernel);
  const unsigned cluster_blocks = volume(launch.cluster);
  if (cluster_blocks == 0 || cluster_blocks > cluster_limit(function)) {
    return report(cudaErrorInvalidClusterSize);
  }
  const unsigned resident =
      resident_blocks(function, volume(launch.block), launch.dynamic_shared_bytes);
  *clusters = static_cast<int>(resident_clusters(resident, cluster_blocks));
  return cudaSuccess;
}

}  // extern "C"
