#pragma once

#include <cuda_runtime.h>

#include <functional>

#include "emulator/engine/launch.hpp"
#include "emulator/runtime/launch_runner.hpp"

namespace polyak::emulator {

/// The launch that `config` asks for. Fails if it has an attribute that the emulator lacks.
cudaError_t describe_launch(const cudaLaunchConfig_t& config, const void* function, Launch* launch);

/// Checks the launch against the device and the kernel's attributes, then gives the stream `body`
/// to run for every thread. `parameters` are what the body has as arguments, for a LaunchRunner;
/// empty where there is none.
cudaError_t submit_launch(Launch launch, cudaStream_t stream, ParameterMemory parameters,
                          std::function<void()> body);

}  // namespace polyak::emulator
