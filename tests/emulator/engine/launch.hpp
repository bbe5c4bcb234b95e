#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <functional>
#include <string>

#include "emulator/engine/shared_memory.hpp"

namespace polyak::emulator {

/// All about a launch but the kernel's arguments.
struct Launch {
  dim3 grid{1, 1, 1};
  dim3 block{1, 1, 1};
  dim3 cluster{1, 1, 1};
  std::size_t dynamic_shared_bytes = 0;
  /// What the kernel may use, static and dynamic together: more than 48 KiB only by opt-in.
  std::size_t shared_limit = kDefaultSharedBytes;
  bool cooperative = false;
  const void* function = nullptr;
  std::string name = "kernel";
};

/// Runs `body` once for every CUDA thread of the launch and returns when all have finished. Throws
/// Error if the kernel broke a rule. Returns the static shared memory that the kernel declared.
std::size_t run_kernel(const Launch& launch, const std::function<void()>& body);

/// How often the engine has switched to a CUDA thread since the start of the process.
std::uint64_t switch_count();

}  // namespace polyak::emulator
