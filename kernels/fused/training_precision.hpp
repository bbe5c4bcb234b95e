// The launchers of the fused engine for one precision, each defined in a translation unit of its
// own (training_fp32.cu, ...): the kernels take long to compile.
#pragma once

#include "kernels/fused/training.hpp"

namespace polyak::kernels::fused {

template <Precision precision>
cudaError_t launch_with(const Training& arguments, cudaStream_t stream, const void* compiled);

template <Precision precision>
bool has_own_kernel_with(std::string_view environment, const Plan& plan);

template <Precision precision>
cudaError_t resident_with(std::string_view environment, const Plan& plan, int* clusters,
                          const void* compiled);

}  // namespace polyak::kernels::fused
