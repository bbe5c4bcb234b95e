// Runs a kernel that there is only in PTX.
#pragma once

#include <stdexcept>
#include <string>

#include "emulator/engine/launch.hpp"
#include "emulator/ptx/runtime/address_spaces.hpp"
#include "emulator/ptx/runtime/registry.hpp"
#include "emulator/runtime/launch_runner.hpp"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator::ptx {

/// Runs the kernel of this name in the shape's grid, block, cluster and dynamic shared memory.
/// Throws Error if the kernel breaks a rule.
template <class... Arguments>
void run_ptx(const char* name, emulator_tests::LaunchShape shape, Arguments... arguments) {
  const Kernel* const kernel = find_kernel_of_ptx(name);
  if (kernel == nullptr) throw std::logic_error(std::string("no kernel ") + name);
  ParameterMemory parameters;
  (parameters.append(arguments), ...);
  Launch launch;
  describe_launch(*shape.config(), reinterpret_cast<const void*>(kernel->body), &launch);
  launch.name = name;
  prepare_address_spaces(parameters.data(), parameters.bytes());
  run_kernel(launch, [&] { kernel->body(parameters.data()); });
}

}  // namespace polyak::emulator::ptx
