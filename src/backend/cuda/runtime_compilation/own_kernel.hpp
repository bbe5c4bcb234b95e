// Kernels of the fused engine for one shape alone, on the current GPU.
#pragma once

#include <memory>
#include <string>

#include "backend/cuda/runtime_compilation/kernel_source.hpp"

namespace polyak::cuda {

/// Why no kernels can be compiled for the current GPU, in a few words; empty if they can.
std::string why_no_own_kernels();

/// A line about it for `polyak info`.
std::string describe_own_kernels();

/// Whether make_own_kernel() would have this one at once.
bool has_own_kernel_ready(const KernelShape& shape);

/// A kernel that launch_training takes, as long as it is held; or none, and why.
struct OwnKernel {
  std::shared_ptr<const void> function;
  std::string why_not;
};

/// The shape's kernel, compiled now if it was not before. Needs why_no_own_kernels() to be empty
/// and the shape to be one that may_be_compiled.
OwnKernel make_own_kernel(const KernelShape& shape);

}  // namespace polyak::cuda
