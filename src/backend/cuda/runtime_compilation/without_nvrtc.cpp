// What own_kernel.cpp is where there is no NVRTC to call: in the emulator, and with toolkits that
// cannot load what it made by the runtime API (before 12.8).
#include "backend/cuda/runtime_compilation/own_kernel.hpp"

namespace polyak::cuda {

std::string why_no_own_kernels() { return "this program compiles none"; }

std::string describe_own_kernels() {
  return "compiles no kernels when a training begins: it was not built to";
}

bool has_own_kernel_ready(const KernelShape&) { return false; }

OwnKernel make_own_kernel(const KernelShape&) { return {nullptr, why_no_own_kernels()}; }

}  // namespace polyak::cuda
