// The source of a kernel of the fused engine for one shape alone.
#pragma once

#include <string>

#include "kernels/fused/plan_builder.hpp"

namespace polyak::cuda {

/// What a kernel is compiled for: make_plan(training, cluster_blocks, shared_bytes) of an
/// environment by its registered name.
struct KernelShape {
  std::string environment;
  kernels::fused::TrainingShape training;
  int cluster_blocks;
  int shared_bytes;
};

/// The kernel's name in what is compiled.
inline constexpr const char* compiled_kernel_name = "train_agents_of_shape";

/// Whether a kernel of its own can be compiled for the shape. In fp32 alone: on tensor cores the
/// fused engine is slower than in fp32 (docs/results.md).
bool may_be_compiled(const KernelShape& shape);

/// What NVRTC compiles, without any #include.
std::string kernel_source(const KernelShape& shape);

}  // namespace polyak::cuda
