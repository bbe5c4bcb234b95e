#include "backend/cuda/runtime_compilation/own_kernel.hpp"

#include <cuda_runtime_api.h>

#include "backend/cuda/device/check.hpp"
#include "backend/cuda/runtime_compilation/machine_code.hpp"

namespace polyak::cuda {
namespace {

/// 90 for sm_90.
int capability() {
  int device = 0, major = 0, minor = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device),
        "cudaDeviceGetAttribute");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device),
        "cudaDeviceGetAttribute");
  return 10 * major + minor;
}

KernelCompiler compiler() {
  std::string why_not;
  return {*Nvrtc::find(&why_not), "sm_" + std::to_string(capability()),
          KernelCache(kernel_cache_folder())};
}

/// The kernel in its machine code, on every GPU of its architecture.
OwnKernel load(const std::string& cubin) {
  cudaLibrary_t library = nullptr;
  cudaKernel_t kernel = nullptr;
  cudaError_t status =
      cudaLibraryLoadData(&library, cubin.data(), nullptr, nullptr, 0, nullptr, nullptr, 0);
  if (status == cudaSuccess) {
    status = cudaLibraryGetKernel(&kernel, library, compiled_kernel_name);
    if (status != cudaSuccess) (void)cudaLibraryUnload(library);
  }
  if (status != cudaSuccess) {
    (void)cudaGetLastError();
    return {nullptr, std::string("its kernel cannot be loaded: ") + cudaGetErrorString(status)};
  }
  return {{static_cast<const void*>(kernel),
           [library](const void*) { (void)cudaLibraryUnload(library); }},
          {}};
}

}  // namespace

std::string why_no_own_kernels() {
  constexpr int first_with_clusters = 90;
  if (capability() < first_with_clusters) return "a kernel for this shape needs clusters of blocks";
  std::string why_not;
  Nvrtc::find(&why_not);
  return why_not;
}

std::string describe_own_kernels() {
  std::string why_not = why_no_own_kernels();
  if (!why_not.empty()) return "compiles no kernels when a training begins: " + why_not;
  const std::string folder = kernel_cache_folder().string();
  return "compiles kernels when a training begins, by " + Nvrtc::find(&why_not)->version() +
         (folder.empty() ? "" : ", and keeps them in " + folder);
}

bool has_own_kernel_ready(const KernelShape& shape) { return compiler().has(shape); }

OwnKernel make_own_kernel(const KernelShape& shape) {
  const Compilation compilation = compiler().compile(shape);
  if (!compilation.cubin.empty()) return load(compilation.cubin);
  return {nullptr, "NVRTC: " + compilation.messages.substr(0, compilation.messages.find('\n'))};
}

}  // namespace polyak::cuda
