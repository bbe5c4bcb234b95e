#pragma once

#include <cuda_runtime.h>

#include <functional>

#include "emulator/engine/launch.hpp"

namespace polyak::emulator {

/// The launch that `config` asks for. Fails if it has an attribute that the emulator lacks.
cudaError_t describe_launch(const cudaLaunchConfig_t& config, const void* function, Launch* launch);

/// Checks the launch against the device and the kernel's attributes, then gives the stream `body`
/// to run for every thread.
cudaError_t submit_launch(Launch launch, cudaStream_t stream, std::function<void()> body);

}  // namespace polyak::emulator
