// Layer normalisation (Ba et al. 2016, arXiv 1607.06450; the formulas are in
// polyak/core/layer_norm.hpp).
//
//   values, gradients, normalised [rows, columns] per agent; inverse deviations [rows]; g, h and
//   their gradients [columns] (layer_norm.hpp).
//
// layer_norm_forward, layer_norm_backward: a warp per row, 8 rows to a block; grid (rows / 8,
// agents, layers). Lane t has columns t, t + 32, ...; its sums and then a butterfly over the warp.
// Bound by memory.
//
// layer_norm_parameters: 32 columns to a block, 8 threads to a column, one for each group of rows;
// grid (columns / 32, agents, layers). It reads the gradient before layer_norm_backward overwrites
// it. Bound by memory.
//
// The sums are in the orders of polyak/core/summation.hpp.
#include "kernels/agent_views.cuh"
#include "kernels/batch_sums.cuh"
#include "kernels/launch.cuh"
#include "kernels/layer_norm.hpp"
#include "kernels/reduction.cuh"
#include "polyak/core/layer_norm.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 256, rows_per_block = threads / 32;

template <class Layer>
struct Group {
  Layer layers[max_layer_norms];
};

/// The sum over a row's columns of value(column), to every lane of the row's warp.
template <class Value>
__device__ float sum_over_columns(int columns, const Value& value) {
  float sum = 0.0f;
  for (int column = static_cast<int>(threadIdx.x) % 32; column < columns; column += 32) {
    sum += value(column);
  }
  return warp_sum(sum);
}

__device__ int row_of_warp() {
  return static_cast<int>(blockIdx.x) * rows_per_block + static_cast<int>(threadIdx.x) / 32;
}

__device__ const float* vector_of(const ConstVectorBatch& vectors, std::int64_t agent) {
  return vectors.data + agent * vectors.agent_stride;
}

__global__ void __launch_bounds__(threads) layer_norm_forward(const Group<LayerNormForward> group) {
  wait_for_previous_kernel();
  const LayerNormForward& arguments = group.layers[blockIdx.z];
  const LayerNorm& layer = arguments.layer;
  const std::int64_t agent = blockIdx.y;
  const int row = row_of_warp();
  if (row >= layer.rows) return;
  float* const values = row_of(arguments.value, agent, row);
  const float* const weight = vector_of(layer.weight, agent);
  const float* const bias = vector_of(layer.bias, agent);
  const float scale = 1.0f / static_cast<float>(layer.columns);
  const float mean =
      scale * sum_over_columns(layer.columns, [&](int column) { return values[column]; });
  const float variance = scale * sum_over_columns(layer.columns, [&](int column) {
                           const float centred = values[column] - mean;
                           return centred * centred;
                         });
  const float inverse = inverse_deviation(variance);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const bool goes_back = arguments.normalised.data != nullptr;
  for (int column = lane; column < layer.columns; column += 32) {
    const float normalised = (values[column] - mean) * inverse;
    if (goes_back) row_of(arguments.normalised, agent, row)[column] = normalised;
    values[column] = activate(layer.activation, weight[column] * normalised + bias[column]);
  }
  if (goes_back && lane == 0) {
    const VectorBatch& deviations = arguments.inverse_deviation;
    deviations.data[agent * deviations.agent_stride + row] = inverse;
  }
}

__global__ void __launch_bounds__(threads)
    layer_norm_backward(const Group<LayerNormBackward> group) {
  wait_for_previous_kernel();
  const LayerNormBackward& arguments = group.layers[blockIdx.z];
  const LayerNorm& layer = arguments.layer;
  const std::int64_t agent = blockIdx.y;
  const int row = row_of_warp();
  if (row >= layer.rows) return;
  float* const gradient = row_of(arguments.gradient, agent, row);
  const float* const normalised = row_of(arguments.normalised, agent, row);
  const float* const weight = vector_of(layer.weight, agent);
  const float scale = 1.0f / static_cast<float>(layer.columns);
  const float mean = scale * sum_over_columns(layer.columns, [&](int column) {
                       return weight[column] * gradient[column];
                     });
  const float mean_product = scale * sum_over_columns(layer.columns, [&](int column) {
                               return weight[column] * gradient[column] * normalised[column];
                             });
  const float inverse = vector_of(arguments.inverse_deviation, agent)[row];
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int column = lane; column < layer.columns; column += 32) {
    gradient[column] =
        (weight[column] * gradient[column] - mean - normalised[column] * mean_product) * inverse;
  }
}

__global__ void __launch_bounds__(batch_sum_threads)
    layer_norm_parameters(const Group<LayerNormBackward> group) {
  wait_for_previous_kernel();
  const LayerNormBackward& arguments = group.layers[blockIdx.z];
  const std::int64_t agent = blockIdx.y;
  const int column = column_of_batch_sum();
  const bool in_range = column < arguments.layer.columns;
  const RowOrder order{in_range ? arguments.layer.rows / arguments.steps : 0, arguments.steps};
  const auto gradient = [&](int row) { return row_of(arguments.gradient, agent, row)[column]; };
  const float weight_sum = block_sum_over_rows(order, [&](int row) {
    return gradient(row) * row_of(arguments.normalised, agent, row)[column];
  });
  const float bias_sum = block_sum_over_rows(order, gradient);
  if (!in_range || group_of_batch_sum() != 0) return;
  const VectorBatch& weight = arguments.weight_gradient;
  const VectorBatch& bias = arguments.bias_gradient;
  weight.data[agent * weight.agent_stride + column] = weight_sum;
  bias.data[agent * bias.agent_stride + column] = bias_sum;
}

/// The layers as a kernel's argument; cudaErrorInvalidValue if they do not fit into one launch.
template <class Layer>
cudaError_t make_group(std::span<const Layer> layers, Group<Layer>& group) {
  if (layers.size() > max_layer_norms) return cudaErrorInvalidValue;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerNorm& first = layers.front().layer;
    const LayerNorm& layer = layers[i].layer;
    if (layer.agents != first.agents || layer.rows != first.rows ||
        layer.columns != first.columns) {
      return cudaErrorInvalidValue;
    }
    group.layers[i] = layers[i];
  }
  return cudaSuccess;
}

bool is_empty(const LayerNorm& layer) {
  return layer.agents == 0 || layer.rows == 0 || layer.columns == 0;
}

/// One warp for each row.
cudaLaunchConfig_t row_launch(const LayerNorm& layer, std::size_t layers, cudaStream_t stream) {
  const dim3 grid(grid_size(divide_up(layer.rows, rows_per_block)), grid_size(layer.agents),
                  static_cast<unsigned>(layers));
  return launch_config(grid, threads, stream);
}

}  // namespace

cudaError_t launch_layer_norm_forward(std::span<const LayerNormForward> layers,
                                      cudaStream_t stream) {
  Group<LayerNormForward> group{};
  if (layers.empty() || is_empty(layers.front().layer)) return cudaSuccess;
  if (const cudaError_t status = make_group(layers, group); status != cudaSuccess) return status;
  const cudaLaunchConfig_t config = row_launch(layers.front().layer, layers.size(), stream);
  return cudaLaunchKernelEx(&config, layer_norm_forward, group);
}

cudaError_t launch_layer_norm_backward(std::span<const LayerNormBackward> layers,
                                       cudaStream_t stream) {
  Group<LayerNormBackward> group{};
  if (layers.empty() || is_empty(layers.front().layer)) return cudaSuccess;
  if (const cudaError_t status = make_group(layers, group); status != cudaSuccess) return status;
  const LayerNorm& layer = layers.front().layer;
  if (layers.front().weight_gradient.data != nullptr) {
    const dim3 grid(grid_size(divide_up(layer.columns, batch_sum_columns)), grid_size(layer.agents),
                    static_cast<unsigned>(layers.size()));
    const cudaLaunchConfig_t config = launch_config(grid, batch_sum_threads, stream);
    const cudaError_t status = cudaLaunchKernelEx(&config, layer_norm_parameters, group);
    if (status != cudaSuccess) return status;
  }
  const cudaLaunchConfig_t config = row_launch(layer, layers.size(), stream);
  return cudaLaunchKernelEx(&config, layer_norm_backward, group);
}

}  // namespace polyak::kernels
