#include <curand_kernel.h>

#include "emulator/test/kernels/kernels.cuh"

namespace polyak::emulator_tests {

/// out[i] = i + offset for i < n.
__global__ void count_up(float* out, int n, float offset) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) out[i] = static_cast<float>(i) + offset;
}

/// x[i] = scale * x[i] + shift for i < n.
__global__ void scale_and_shift(float* x, int n, float scale, float shift) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) x[i] = fmaf(scale, x[i], shift);
}

/// out[i] = a[i] - b[i] for i < n.
__global__ void subtract(const float* a, const float* b, float* out, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) out[i] = __ldcg(a + i) - __ldg(b + i);
}

/// Normal numbers of cuRAND's Philox, one sequence for each thread, rounded to bf16.
__global__ void normal_noise(float* out, unsigned long long seed) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  curandStatePhilox4_32_10_t state;
  curand_init(seed, i, 0, &state);
  out[i] = __bfloat162float(__float2bfloat16(curand_normal(&state)));
}

/// Which block and thread wrote each element: out = {block.x, block.y, block.z, thread.x, ...}.
__global__ void record_indices(unsigned* out) {
  const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
  const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  unsigned* mine = out + (block * threads + thread) * 6;
  mine[0] = blockIdx.x;
  mine[1] = blockIdx.y;
  mine[2] = blockIdx.z;
  mine[3] = threadIdx.x;
  mine[4] = threadIdx.y;
  mine[5] = threadIdx.z;
}

/// out: a sum, a maximum, a minimum, a union of bits and a wrapping count over all threads.
__global__ void exercise_atomics(unsigned* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(&out[0], i);
  atomicMax(&out[1], i);
  atomicMin(&out[2], i);
  atomicOr(&out[3], 1u << (i % 32));
  atomicInc(&out[4], 9u);
  unsigned seen = atomicAdd(&out[5], 0u);
  unsigned assumed = seen;
  do {
    assumed = seen;
    seen = atomicCAS(&out[5], assumed, assumed + 2);
  } while (seen != assumed);
}

}  // namespace polyak::emulator_tests
