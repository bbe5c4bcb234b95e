#include <cuda_runtime.h>

// The storage behind the toolkit's `extern const` declarations of threadIdx and its like. They
// cannot be macros, because cudaLaunchConfig_t has members of the same names. A CUDA thread may
// rely on their being constant, and each sees constants: the engine rewrites them at every switch.
// For the compiler these are other variables than the constants, which is why this file does
// nothing else and must not be subject to link-time optimisation.
extern uint3 builtin_thread_index asm("threadIdx");
extern uint3 builtin_block_index asm("blockIdx");
extern dim3 builtin_block_dimensions asm("blockDim");
extern dim3 builtin_grid_dimensions asm("gridDim");
uint3 builtin_thread_index;
uint3 builtin_block_index;
dim3 builtin_block_dimensions;
dim3 builtin_grid_dimensions;

namespace polyak::emulator {

void set_builtin_indices(uint3 thread_index, uint3 block_index) {
  builtin_thread_index = thread_index;
  builtin_block_index = block_index;
}

void set_builtin_dimensions(dim3 block, dim3 grid) {
  builtin_block_dimensions = block;
  builtin_grid_dimensions = grid;
}

}  // namespace polyak::emulator
