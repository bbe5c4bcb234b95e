#pragma once

// The kernels that were translated from PTX.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "emulator/runtime/launch_runner.hpp"

namespace polyak::emulator::ptx {

/// A kernel of PTX for one thread; `parameters` are laid out as on a device.
using Body = void (*)(const std::byte* parameters);

using Parameters = std::vector<ParameterMemory::Parameter>;

struct Kernel {
  Body body = nullptr;
  Parameters parameters;
  std::uint64_t launches = 0;
};

/// Enters a kernel under its name in the PTX. Two of the same name end the process.
class Registration {
 public:
  Registration(const char* name, Body body, Parameters parameters);
};

/// A mangled name as C++ has it. nvcc and g++ tell anonymous namespaces apart by different means;
/// here all are alike.
std::string readable_name(const std::string& mangled);

/// The kernel with this readable name; null if none was translated.
Kernel* find_kernel(const std::string& readable);

/// The kernel with this name as it stands in the PTX.
Kernel* find_kernel_of_ptx(const char* name);

/// One line for each kernel: launches and readable name.
std::string launch_counts();

}  // namespace polyak::emulator::ptx
