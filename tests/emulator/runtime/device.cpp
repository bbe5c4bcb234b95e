#include "emulator/runtime/device.hpp"

#include <cuda_runtime.h>

#include <climits>
#include <cstring>

#include "emulator/engine/shared_memory.hpp"
#include "emulator/options.hpp"
#include "emulator/runtime/errors.hpp"

namespace polyak::emulator {
namespace {

constexpr int kWarpSize = 32;
constexpr int kRegisters = 65536;
constexpr int kGlobalCacheBytes = 50 << 20;

void describe_memory(cudaDeviceProp& properties) {
  properties.totalGlobalMem = options().device_memory_bytes;
  properties.sharedMemPerBlock = kDefaultSharedBytes;
  properties.sharedMemPerBlockOptin = kLargestSharedBytes;
  properties.sharedMemPerMultiprocessor = kMultiprocessorSharedBytes;
  properties.reservedSharedMemPerBlock = kReservedSharedBytes;
  properties.totalConstMem = 64 << 10;
  properties.memPitch = INT_MAX;
  properties.l2CacheSize = kGlobalCacheBytes;
  properties.memoryBusWidth = 5120;
  properties.regsPerBlock = kRegisters;
  properties.regsPerMultiprocessor = kRegisters;
}

void describe_execution(cudaDeviceProp& properties) {
  properties.major = options().capability / 10;
  properties.minor = options().capability % 10;
  properties.multiProcessorCount = options().multiprocessors;
  properties.warpSize = kWarpSize;
  properties.maxThreadsPerBlock = kMaximumBlockThreads;
  properties.maxThreadsDim[0] = kMaximumBlockThreads;
  properties.maxThreadsDim[1] = kMaximumBlockThreads;
  properties.maxThreadsDim[2] = kMaximumBlockDepth;
  properties.maxGridSize[0] = INT_MAX;
  properties.maxGridSize[1] = kMaximumGridSide;
  properties.maxGridSize[2] = kMaximumGridSide;
  properties.maxThreadsPerMultiProcessor = kMultiprocessorThreads;
  properties.maxBlocksPerMultiProcessor = kMultiprocessorBlocks;
  properties.cooperativeLaunch = 1;
  properties.clusterLaunch = has_clusters() ? 1 : 0;
  properties.concurrentKernels = 1;
  properties.asyncEngineCount = 1;
  properties.unifiedAddressing = 1;
  properties.canMapHostMemory = 1;
}

cudaDeviceProp device_properties() {
  cudaDeviceProp properties{};
  std::strcpy(properties.name, "Polyak emulator");
  describe_memory(properties);
  describe_execution(properties);
  return properties;
}

int& current_device() {
  thread_local int device = 0;
  return device;
}

bool exists(int device) { return device >= 0 && device < options().devices; }

/// INT_MIN for an attribute that the emulator does not know.
int attribute_value(cudaDeviceAttr attribute) {
  const cudaDeviceProp properties = device_properties();
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      return properties.maxThreadsPerBlock;
    case cudaDevAttrMaxGridDimX:
      return properties.maxGridSize[0];
    case cudaDevAttrMaxGridDimY:
      return properties.maxGridSize[1];
    case cudaDevAttrMaxSharedMemoryPerBlock:
      return static_cast<int>(properties.sharedMemPerBlock);
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return static_cast<int>(properties.sharedMemPerBlockOptin);
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      return static_cast<int>(properties.sharedMemPerMultiprocessor);
    case cudaDevAttrReservedSharedMemoryPerBlock:
      return static_cast<int>(properties.reservedSharedMemPerBlock);
    case cudaDevAttrWarpSize:
      return properties.warpSize;
    case cudaDevAttrMaxRegistersPerBlock:
      return properties.regsPerBlock;
    case cudaDevAttrClockRate:
      return 1'500'000;
    case cudaDevAttrMemoryClockRate:
      return 2'600'000;
    case cudaDevAttrGlobalMemoryBusWidth:
      return properties.memoryBusWidth;
    case cudaDevAttrL2CacheSize:
      return properties.l2CacheSize;
    case cudaDevAttrMultiProcessorCount:
      return properties.multiProcessorCount;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      return properties.maxThreadsPerMultiProcessor;
    case cudaDevAttrMaxBlocksPerMultiprocessor:
      return properties.maxBlocksPerMultiProcessor;
    case cudaDevAttrComputeCapabilityMajor:
      return properties.major;
    case cudaDevAttrComputeCapabilityMinor:
      return properties.minor;
    case cudaDevAttrCooperativeLaunch:
      return properties.cooperativeLaunch;
    case cudaDevAttrClusterLaunch:
      return properties.clusterLaunch;
    default:
      return INT_MIN;
  }
}

}  // namespace

bool has_clusters() { return options().capability >= 90; }

}  // namespace polyak::emulator

using namespace polyak::emulator;

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  if (count == nullptr) return report(cudaErrorInvalidValue);
  *count = options().devices;
  return options().devices > 0 ? cudaSuccess : report(cudaErrorNoDevice);
}

cudaError_t cudaGetDevice(int* device) {
  if (device == nullptr) return report(cudaErrorInvalidValue);
  *device = current_device();
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  if (!exists(device)) return report(cudaErrorInvalidDevice);
  if (device == options().refused_device) return report(cudaErrorDevicesUnavailable);
  current_device() = device;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (properties == nullptr) return report(cudaErrorInvalidValue);
  if (!exists(device)) return report(cudaErrorInvalidDevice);
  *properties = device_properties();
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  if (value == nullptr) return report(cudaErrorInvalidValue);
  if (!exists(device)) return report(cudaErrorInvalidDevice);
  const int found = attribute_value(attribute);
  if (found == INT_MIN) return report(cudaErrorInvalidValue);
  *value = found;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  if (version == nullptr) return report(cudaErrorInvalidValue);
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) { return cudaRuntimeGetVersion(version); }

}  // extern "C"
