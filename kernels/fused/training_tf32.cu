// The fused engine's kernel (training_kernel.cuh) in tf32.
#include "kernels/fused/training_kernel.cuh"

namespace polyak::kernels::fused {

template cudaError_t launch_with<Precision::tf32>(const Training&, cudaStream_t, const void*);
template bool has_own_kernel_with<Precision::tf32>(std::string_view, const Plan&);
template cudaError_t resident_with<Precision::tf32>(std::string_view, const Plan&, int*,
                                                    const void*);

}  // namespace polyak::kernels::fused
