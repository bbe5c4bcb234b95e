#include "backend/cuda/device_info.hpp"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <curand.h>

#include <array>

#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device/cublas.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

/// "13.0" from CUDA's 13000.
std::string cuda_version(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// A library's version from its property query.
template <class GetProperty>
std::string library_version(const GetProperty& get_property) {
  std::string text;
  for (const libraryPropertyType part : {MAJOR_VERSION, MINOR_VERSION, PATCH_LEVEL}) {
    int value = 0;
    get_property(part, value);
    text += (text.empty() ? "" : ".") + std::to_string(value);
  }
  return text;
}

std::vector<std::string> software_details() {
  int runtime = 0, driver = 0;
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  const std::string cublas = library_version([](libraryPropertyType part, int& value) {
    check(cublasGetProperty(part, &value), "cublasGetProperty");
  });
  // Of cuRAND the kernels use only what its headers define, so the version is the headers'.
  const std::string curand = std::to_string(CURAND_VER_MAJOR) + "." +
                             std::to_string(CURAND_VER_MINOR) + "." +
                             std::to_string(CURAND_VER_PATCH);
  return {
      "CUDA runtime " + cuda_version(runtime) + ", driver for CUDA up to " + cuda_version(driver),
      "cuBLAS " + cublas + ", cuRAND " + curand + " (compiled in)"};
}

std::vector<std::string> hardware_details(const cudaDeviceProp& properties) {
  constexpr std::size_t kibibyte = 1024, mebibyte = 1024 * 1024;
  return {"compute capability " + std::to_string(properties.major) + "." +
              std::to_string(properties.minor) + ", " +
              std::to_string(properties.multiProcessorCount) + " multiprocessors",
          std::to_string(properties.sharedMemPerBlockOptin / kibibyte) +
              " KiB of shared memory per block, " +
              std::to_string(static_cast<std::size_t>(properties.l2CacheSize) / mebibyte) +
              " MiB of L2 cache"};
}

DeviceDescription describe(int device) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  check(cudaSetDevice(device), "cudaSetDevice");
  DeviceDescription description{DeviceKind::cuda, properties.name,
                                static_cast<std::int64_t>(properties.totalGlobalMem),
                                available_memory(), hardware_details(properties)};
  for (std::string& line : software_details()) description.details.push_back(std::move(line));
  return description;
}

}  // namespace

DeviceCount count_devices() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaSuccess && count > 0) return {count, ""};
  // Without a driver the call leaves `count` alone and its error behind.
  (void)cudaGetLastError();
  int driver = 0;
  const bool driver_known = cudaDriverGetVersion(&driver) == cudaSuccess && driver > 0;
  const std::string found =
      driver_known ? "the driver supports CUDA up to " + cuda_version(driver) : "no NVIDIA driver";
  const char* const reason = cudaGetErrorString(status == cudaSuccess ? cudaErrorNoDevice : status);
  return {0, std::string("no usable NVIDIA GPU: ") + reason + " (found: " + found + ")"};
}

void select_device() {
  const DeviceCount devices = count_devices();
  if (devices.count == 0) throw RunError(devices.absence);
  check(cudaSetDevice(0), "cudaSetDevice");
}

std::string device_name() {
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  return properties.name;
}

std::int64_t available_memory() {
  std::size_t available = 0, total = 0;
  check(cudaMemGetInfo(&available, &total), "cudaMemGetInfo");
  return static_cast<std::int64_t>(available);
}

}  // namespace polyak::cuda

namespace polyak {

std::vector<DeviceDescription> list_cuda_devices(std::string& absence) {
  const cuda::DeviceCount devices = cuda::count_devices();
  absence = devices.absence;
  std::vector<DeviceDescription> descriptions;
  for (int device = 0; device < devices.count; ++device) {
    descriptions.push_back(cuda::describe(device));
  }
  if (devices.count > 0) cuda::select_device();
  return descriptions;
}

}  // namespace polyak
