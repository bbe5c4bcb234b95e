// Shapes for which the program has no kernel, and the kernels that are compiled for them.
#pragma once

#include <string>
#include <vector>

#include "backend/cuda/runtime_compilation/own_kernel.hpp"

namespace polyak::test {

/// A training whose networks both have these hidden layers.
struct CompiledShape {
  std::string environment;
  std::vector<int> hidden;
  Activation activation;
  int batch, blocks;
};

inline constexpr int compiled_shapes = 3;
const CompiledShape& compiled_shape(int number);

/// The kernel of that number: by make_own_kernel() on a GPU, and in the emulator, which cannot run
/// what that makes, from the same source by the C++ compiler.
cuda::OwnKernel compiled_kernel(const cuda::KernelShape& shape, int number);

}  // namespace polyak::test
