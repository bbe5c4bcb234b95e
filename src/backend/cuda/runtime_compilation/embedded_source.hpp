// kernels/runtime_compilation/fused_training.cuh, preprocessed when the program was built.
#pragma once

#include <string_view>

namespace polyak::cuda {

std::string_view embedded_kernel_source();

}  // namespace polyak::cuda
