#include "emulator/test/kernels/kernels.cuh"

namespace polyak::emulator_tests {

/// Y = max(X W^T + b, 0) with X [rows, inputs], W [outputs, inputs], b [outputs] and Y
/// [rows, outputs], all row-major. One thread for each element of Y, in blocks of Tile x Tile (at
/// most 256) that share tiles of X and W. Bound by shared memory.
template <int Tile>
__global__ void __launch_bounds__(256)
    tiled_linear(const float* __restrict__ x, const float* __restrict__ w,
                 const float* __restrict__ b, float* __restrict__ y, int rows, int inputs,
                 int outputs) {
  POLYAK_SHARED(float, x_tile, [Tile][Tile + 1]);
  POLYAK_SHARED(float, w_tile, [Tile][Tile + 1]);
  const int tx = static_cast<int>(threadIdx.x);
  const int ty = static_cast<int>(threadIdx.y);
  const int row = static_cast<int>(blockIdx.y) * Tile + ty;
  const int column = static_cast<int>(blockIdx.x) * Tile + tx;
  const int w_row = static_cast<int>(blockIdx.x) * Tile + ty;
  float sum = 0.0f;
  for (int start = 0; start < inputs; start += Tile) {
    const int k = start + tx;
    x_tile[ty][tx] = row < rows && k < inputs ? x[row * inputs + k] : 0.0f;
    w_tile[ty][tx] = w_row < outputs && k < inputs ? w[w_row * inputs + k] : 0.0f;
    __syncthreads();
    for (int i = 0; i < Tile; ++i) sum = fmaf(x_tile[ty][i], w_tile[tx][i], sum);
    __syncthreads();
  }
  if (row < rows && column < outputs) y[row * outputs + column] = fmaxf(sum + b[column], 0.0f);
}

template __global__ void tiled_linear<8>(const float*, const float*, const float*, float*, int, int,
                                         int);

/// The same for one block of threads that walks over all of Y, with X's row in dynamic shared
/// memory of `inputs` floats.
__global__ void row_linear(const float* __restrict__ x, const float* __restrict__ w,
                           const float* __restrict__ b, float* __restrict__ y, int inputs,
                           int outputs) {
  POLYAK_DYNAMIC_SHARED(float, x_row);
  const int row = static_cast<int>(blockIdx.x);
  const int threads = static_cast<int>(blockDim.x);
  for (int i = static_cast<int>(threadIdx.x); i < inputs; i += threads) {
    x_row[i] = x[row * inputs + i];
  }
  __syncthreads();
  for (int column = static_cast<int>(threadIdx.x); column < outputs; column += threads) {
    float sum = 0.0f;
    for (int i = 0; i < inputs; ++i) sum = fmaf(x_row[i], w[column * inputs + i], sum);
    y[row * outputs + column] = fmaxf(sum + b[column], 0.0f);
  }
}

}  // namespace polyak::emulator_tests
