// Machine code of kernels for one shape: compiled once on a machine.
#pragma once

#include "backend/cuda/runtime_compilation/kernel_cache.hpp"
#include "backend/cuda/runtime_compilation/kernel_source.hpp"
#include "backend/cuda/runtime_compilation/nvrtc.hpp"

namespace polyak::cuda {

/// Compiles kernels for one architecture ("sm_90") and keeps them.
class KernelCompiler {
 public:
  KernelCompiler(const Nvrtc& nvrtc, std::string architecture, KernelCache cache)
      : nvrtc_(nvrtc), architecture_(std::move(architecture)), cache_(std::move(cache)) {}

  /// Whether the shape's machine code is at hand, so that nobody needs to wait for it.
  bool has(const KernelShape& shape) const;

  /// From the cache, or compiled now and put there, which takes some seconds and is told
  /// (notices.hpp). One compiles at a time, so that who waits finds it in the cache.
  Compilation compile(const KernelShape& shape) const;

 private:
  /// All that the machine code follows from.
  std::string key(const std::string& source) const;

  const Nvrtc& nvrtc_;
  std::string architecture_;
  KernelCache cache_;
};

}  // namespace polyak::cuda
