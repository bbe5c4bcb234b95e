#include "backend/cuda/device/check.hpp"

#include <string>

#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

std::string_view what_to_do(cudaError_t status) {
  switch (status) {
    case cudaErrorMemoryAllocation:
      return "reduce agents, environments, batch-size or replay-capacity, or free memory on the "
             "GPU";
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorStubLibrary:
      return "install an NVIDIA driver that is at least as new as this build's CUDA, or use device "
             "cpu";
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorInvalidDeviceFunction:
      return "this build has no code for this GPU: configure with CMAKE_CUDA_ARCHITECTURES=native";
    case cudaErrorDevicesUnavailable:
      return "the GPU is busy or in exclusive mode: wait for the other process, or use device cpu";
    case cudaErrorECCUncorrectable:
    case cudaErrorHardwareStackError:
      return "the GPU reports a hardware fault: restart the machine, or use another GPU";
    case cudaErrorIllegalAddress:
    case cudaErrorMisalignedAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorAssert:
      return "this is a fault in the program: please report it, with compute-sanitizer's output";
    default:
      return "try again with device cpu, and please report it if that works";
  }
}

}  // namespace

std::string_view source_path(std::string_view file) {
  for (const std::string_view folder : {"src/backend/", "tests/backend/"}) {
    const std::size_t at = file.rfind(folder);
    if (at != std::string_view::npos) return file.substr(at);
  }
  return file;
}

void throw_cuda_error(cudaError_t status, std::string_view call, const char* file, int line) {
  // The runtime remembers the last error; what is reported here must not be reported again later.
  (void)cudaGetLastError();
  throw RunError(std::string(call) + " failed at " + std::string(source_path(file)) + ":" +
                 std::to_string(line) + ": " + cudaGetErrorString(status) + " (" +
                 cudaGetErrorName(status) + "): " + std::string(what_to_do(status)));
}

}  // namespace polyak::cuda
