#pragma once

// dL/dW and dL/db of a network over the rows of one group, each block for its features. They go to
// global memory, where learn.cuh adds up the groups (RowOrder). Each sum is from 0, rows rising.

#include "kernels/clustered/network_pass.cuh"
#include "kernels/clustered_update.hpp"

namespace polyak::kernels::clustered {

/// sum over rows of above[row] * below[row].
template <class S>
__device__ POLYAK_INLINE float product_over_rows(const float* above, const float* below) {
  float sum = 0.0f;
#pragma unroll 4
  for (int row = 0; row < S::rows; row += 4) {
    float a[4], b[4];
    fused::read_vector(above + row, a);
    fused::read_vector(below + row, b);
#pragma unroll
    for (int i = 0; i < 4; ++i) sum = fmaf(a[i], b[i], sum);
  }
  return sum;
}

template <class S>
__device__ POLYAK_INLINE float sum_over_rows(const float* values) {
  float sum = 0.0f;
#pragma unroll 4
  for (int row = 0; row < S::rows; row += 4) {
    float four[4];
    fused::read_vector(values + row, four);
#pragma unroll
    for (int i = 0; i < 4; ++i) sum += four[i];
  }
  return sum;
}

/// The output layer's, from its gradient [outputs, pitch] and the second hidden layer's outputs.
template <class S>
__device__ POLYAK_INLINE void sum_output_layer(const ClusteredNetwork& network, int outputs,
                                               const float* output_gradient,
                                               const HiddenLayers<S>& hidden, float* sums) {
  const int first = static_cast<int>(cluster_rank()) * S::features;
  const int i = thread_of_block();
  if (i < outputs * S::features) {
    const int output = i / S::features, feature = first + i % S::features;
    sums[network.weight[2] + output * S::width + feature] = product_over_rows<S>(
        output_gradient + output * S::pitch, hidden.second + feature * S::pitch);
  } else if (const int output = i - outputs * S::features; first == 0 && output < outputs) {
    sums[network.bias[2] + output] = sum_over_rows<S>(output_gradient + output * S::pitch);
  }
}

/// The second hidden layer's, from its gradients in their place and the first's outputs.
template <class S>
__device__ POLYAK_INLINE void sum_second_layer(const ClusteredNetwork& network,
                                               const HiddenLayers<S>& hidden, float* sums) {
  const int first = static_cast<int>(cluster_rank()) * S::features;
  const float* const above = hidden.second + first * S::pitch;
  const DepthContiguous gradients{above, S::pitch, S::features};
  const DepthContiguous inputs{hidden.first, S::pitch, S::width};
  constexpr int tiles = S::width / (warps * tile_columns);  // beside each other, of a warp
  constexpr int columns = tiles * tile_columns, unrolled_steps = 2;
  const int column = warp_of_block() * columns;
  WarpProduct<Precision::fp32, S::features / tile_rows, tiles> product;
  product.template accumulate<unrolled_steps>(gradients, inputs, 0, column, 0, S::rows);
  float* const weights = sums + network.weight[1] + first * S::width;
  product.template visit_pairs<DepthContiguous>(
      0, column, [&](int feature, int input, float sum, float next_sum) POLYAK_INLINE_LAMBDA {
        *reinterpret_cast<float2*>(weights + feature * S::width + input) = {sum, next_sum};
      });
  if (const int feature = thread_of_block(); feature < S::features) {
    sums[network.bias[1] + first + feature] = sum_over_rows<S>(above + feature * S::pitch);
  }
}

/// The first hidden layer's, from its gradients, of which only the block's are read, in a matrix
/// [width, pitch], and the network's input [inputs, pitch].
template <class S>
__device__ POLYAK_INLINE void sum_first_layer(const ClusteredNetwork& network, int inputs,
                                              const float* gradients, const float* input,
                                              float* sums) {
  const int first = static_cast<int>(cluster_rank()) * S::features;
  for (int i = thread_of_block(); i < S::features * (inputs + 1); i += threads) {
    const int feature = first + i / (inputs + 1), column = i % (inputs + 1);
    const float* const above = gradients + feature * S::pitch;
    if (column < inputs) {
      sums[network.weight[0] + feature * inputs + column] =
          product_over_rows<S>(above, input + column * S::pitch);
    } else {
      sums[network.bias[0] + feature] = sum_over_rows<S>(above);
    }
  }
}

/// All of a network's, from the gradient of its outputs [outputs, pitch]; what its pass has left
/// becomes gradients (pass_gradients()).
template <class S>
__device__ POLYAK_OUT_OF_LINE void sum_gradients(const Pass pass, int outputs, int output_gradient,
                                                 int gradients, const ClusteredNetwork& network,
                                                 float* sums, const Fetch fetch) {
  const auto& hidden = at_place<HiddenLayers<S>>(pass.hidden);
  sum_output_layer<S>(network, outputs, fused::shared_array(output_gradient), hidden, sums);
  __syncthreads();
  pass_gradients<S>(pass, outputs, output_gradient, gradients, false, fetch);
  sum_second_layer<S>(network, hidden, sums);
  sum_first_layer<S>(network, pass.inputs, fused::shared_array(gradients),
                     fused::shared_array(pass.input), sums);
}

}  // namespace polyak::kernels::clustered
