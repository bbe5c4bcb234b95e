#include "backend/cuda/device_info.hpp"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <curand.h>

#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device/check.hpp"
#include "backend/cuda/runtime_compilation/own_kernel.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

/// "13.0" from CUDA's 13000.
std::string cuda_version(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string version(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::vector<std::string> software_details() {
  int runtime = 0, driver = 0;
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  return {
      "CUDA runtime " + cuda_version(runtime) + ", driver for CUDA up to " + cuda_version(driver),
      "built with cuBLAS " + version(CUBLAS_VER_MAJOR, CUBLAS_VER_MINOR, CUBLAS_VER_PATCH) +
          " and cuRAND " + version(CURAND_VER_MAJOR, CURAND_VER_MINOR, CURAND_VER_PATCH)};
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

/// Adds what only a GPU that can be used tells; that it cannot is a line, too.
void add_available_memory(int device, DeviceDescription& description) {
  try {
    check(cudaSetDevice(device), "cudaSetDevice");
    description.memory_available = available_memory();
    description.details.push_back(describe_own_kernels());
  } catch (const RunError& error) {
    description.details.push_back(std::string("cannot be used: ") + error.what());
  }
}

DeviceDescription describe(int device) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  DeviceDescription description{DeviceKind::cuda, properties.name,
                                static_cast<std::int64_t>(properties.totalGlobalMem), 0,
                                hardware_details(properties)};
  for (std::string& line : software_details()) description.details.push_back(std::move(line));
  add_available_memory(device, description);
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

void select_device(int gpu) {
  const std::string absence = why_no_cuda_device(gpu);
  if (!absence.empty()) throw RunError(absence);
  use_device(gpu);
}

void use_device(int gpu) { check(cudaSetDevice(gpu), "cudaSetDevice"); }

std::string device_name() {
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  return properties.name;
}

std::string precision_refusal(Precision precision, std::string_view name, int major, int minor) {
  constexpr int first_with_tf32_and_bf16 = 8;  // Ampere
  if (precision == Precision::fp32 || major >= first_with_tf32_and_bf16) return "";
  return "--precision " + std::string(to_string(precision)) +
         " needs tensor cores of compute capability 8.0 or later; " + std::string(name) + " has " +
         std::to_string(major) + "." + std::to_string(minor) + ": use --precision fp32";
}

void require_precision(Precision precision) {
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  const std::string refusal =
      precision_refusal(precision, properties.name, properties.major, properties.minor);
  if (!refusal.empty()) throw UsageError(refusal);
}

std::int64_t available_memory() {
  std::size_t available = 0, total = 0;
  check(cudaMemGetInfo(&available, &total), "cudaMemGetInfo");
  return static_cast<std::int64_t>(available);
}

}  // namespace polyak::cuda

namespace polyak {

int count_cuda_devices() { return cuda::count_devices().count; }

std::string why_no_cuda_device(int gpu) {
  const cuda::DeviceCount devices = cuda::count_devices();
  if (devices.count == 0 || gpu < devices.count) return devices.absence;
  const std::string last = std::to_string(devices.count - 1);
  return devices.count == 1 ? "the only one is cuda:0" : "there are cuda:0 to cuda:" + last;
}

std::vector<DeviceDescription> list_cuda_devices(std::string& absence) {
  const cuda::DeviceCount devices = cuda::count_devices();
  absence = devices.absence;
  std::vector<DeviceDescription> descriptions;
  int current = 0;
  if (devices.count > 0) cuda::check(cudaGetDevice(&current), "cudaGetDevice");
  for (int device = 0; device < devices.count; ++device) {
    descriptions.push_back(cuda::describe(device));
  }
  // Whoever uses it will see it if it cannot be used.
  if (cudaSetDevice(current) != cudaSuccess) (void)cudaGetLastError();
  return descriptions;
}

}  // namespace polyak
