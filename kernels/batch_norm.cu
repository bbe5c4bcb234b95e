// Batch normalisation (Ioffe & Szegedy 2015, arXiv 1502.03167; the formulas are in
// polyak/core/batch_norm.hpp).
//
//   X, Y, gradients, normalised [rows, columns] per agent; g, h, their gradients, statistics and
//   inverse deviations [columns] (batch_norm.hpp).
//
// A block has 32 columns, a warp's neighbouring addresses, and 8 threads to a column. By the rows'
// own statistics it has all of the rows: a thread of a column sums one group of rows
// (batch_sums.cuh); grid (columns / 32, agents, layers). In evaluation no row
// needs another, and blocks take evaluation_rows rows at a time in turn; grid.z counts these blocks
// within the layers. Bound by latency for batches that fit the cache, by memory beyond: X is read
// three times for the mean, the variance and Y, the gradient twice.
#include <algorithm>

#include "kernels/agent_views.cuh"
#include "kernels/batch_norm.hpp"
#include "kernels/batch_sums.cuh"
#include "kernels/launch.cuh"
#include "polyak/core/batch_norm.hpp"

namespace polyak::kernels {
namespace {

constexpr int column_threads = batch_sum_columns, row_threads = max_row_groups;
constexpr int threads = batch_sum_threads;
constexpr int evaluation_rows = 256;
constexpr int max_grid_depth = 65535;

template <class Layer>
struct Group {
  Layer layers[max_batch_norms];
};

/// Where a thread is.
struct Place {
  std::int64_t agent;
  int column, lane, part;
};

__device__ Place place_of_thread() {
  const int lane = static_cast<int>(threadIdx.x) % column_threads;
  return {blockIdx.y, static_cast<int>(blockIdx.x) * column_threads + lane, lane,
          static_cast<int>(threadIdx.x) / column_threads};
}

__device__ float& element(const VectorBatch& vectors, const Place& at) {
  return vectors.data[at.agent * vectors.agent_stride + at.column];
}

__device__ float element(const ConstVectorBatch& vectors, const Place& at) {
  return vectors.data[at.agent * vectors.agent_stride + at.column];
}

/// By the statistics of all rows.
__device__ void normalise_by_batch(const BatchNormForward& arguments, const Place& at) {
  const BatchNorm& layer = arguments.layer;
  const bool in_range = at.column < layer.columns;
  const RowOrder order{in_range ? layer.rows : 0};
  const auto input = [&](int row) { return row_of(arguments.input, at.agent, row)[at.column]; };
  const float scale = 1.0f / static_cast<float>(layer.rows);
  const float mean = scale * block_sum_over_rows(order, input);
  const float variance = scale * block_sum_over_rows(order, [&](int row) {
                           const float centred = input(row) - mean;
                           return centred * centred;
                         });
  if (!in_range) return;
  const float inverse = inverse_batch_deviation(variance);
  const float weight = element(layer.weight, at), bias = element(layer.bias, at);
  const bool goes_back = arguments.normalised.data != nullptr;
  for (int row = at.part; row < layer.rows; row += row_threads) {
    const float normalised = (input(row) - mean) * inverse;
    if (goes_back) row_of(arguments.normalised, at.agent, row)[at.column] = normalised;
    row_of(arguments.output, at.agent, row)[at.column] =
        activate(layer.activation, weight * normalised + bias);
  }
  if (at.part != 0) return;
  if (goes_back) element(arguments.inverse_deviation, at) = inverse;
  if (arguments.mode != BatchNormMode::training) return;
  follow_batch(arguments.momentum, layer.rows, mean, variance, element(arguments.running_mean, at),
               element(arguments.running_variance, at));
}

/// By the running statistics, the rows of one of `row_blocks` blocks.
__device__ void normalise_by_running(const BatchNormForward& arguments, const Place& at,
                                     int row_block, int row_blocks) {
  const BatchNorm& layer = arguments.layer;
  if (at.column >= layer.columns) return;
  const float mean = element(arguments.running_mean, at);
  const float inverse = inverse_batch_deviation(element(arguments.running_variance, at));
  const float weight = element(layer.weight, at), bias = element(layer.bias, at);
  const std::int64_t stride = std::int64_t{row_blocks} * evaluation_rows;
  for (std::int64_t first = std::int64_t{row_block} * evaluation_rows; first < layer.rows;
       first += stride) {
    const int begin = static_cast<int>(first);
    const int end = layer.rows - begin < evaluation_rows ? layer.rows : begin + evaluation_rows;
    for (int row = begin + at.part; row < end; row += row_threads) {
      const float normalised = (row_of(arguments.input, at.agent, row)[at.column] - mean) * inverse;
      row_of(arguments.output, at.agent, row)[at.column] =
          activate(layer.activation, weight * normalised + bias);
    }
  }
}

/// row_blocks: of evaluation, which any layer of the group may be in.
__global__ void __launch_bounds__(threads)
    batch_norm_forward(const Group<BatchNormForward> group, const int row_blocks) {
  wait_for_previous_kernel();
  const int number = static_cast<int>(blockIdx.z);
  const int row_block = number % row_blocks;
  const BatchNormForward& arguments = group.layers[number / row_blocks];
  const Place at = place_of_thread();
  if (arguments.mode == BatchNormMode::evaluation) {
    normalise_by_running(arguments, at, row_block, row_blocks);
  } else if (row_block == 0) {
    normalise_by_batch(arguments, at);
  }
}

__global__ void __launch_bounds__(threads)
    batch_norm_backward(const Group<BatchNormBackward> group) {
  wait_for_previous_kernel();
  const BatchNormBackward& arguments = group.layers[blockIdx.z];
  const BatchNorm& layer = arguments.layer;
  const Place at = place_of_thread();
  const bool in_range = at.column < layer.columns;
  const RowOrder order{in_range ? layer.rows : 0};
  const auto gradient = [&](int row) -> float& {
    return row_of(arguments.gradient, at.agent, row)[at.column];
  };
  const auto normalised = [&](int row) {
    return row_of(arguments.normalised, at.agent, row)[at.column];
  };
  const float weight_sum =
      block_sum_over_rows(order, [&](int row) { return gradient(row) * normalised(row); });
  const float bias_sum = block_sum_over_rows(order, gradient);
  if (!in_range) return;
  const float scale = 1.0f / static_cast<float>(layer.rows);
  const float factor = element(layer.weight, at) * element(arguments.inverse_deviation, at);
  for (int row = at.part; row < layer.rows; row += row_threads) {
    gradient(row) =
        factor * (gradient(row) - scale * bias_sum - normalised(row) * (scale * weight_sum));
  }
  if (at.part != 0) return;
  element(arguments.weight_gradient, at) = weight_sum;
  element(arguments.bias_gradient, at) = bias_sum;
}

/// The layers as a kernel's argument; cudaErrorInvalidValue if they do not fit into one launch.
template <class Layer>
cudaError_t make_group(std::span<const Layer> layers, Group<Layer>& group) {
  if (layers.size() > max_batch_norms) return cudaErrorInvalidValue;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const BatchNorm& first = layers.front().layer;
    const BatchNorm& layer = layers[i].layer;
    if (layer.agents != first.agents || layer.rows != first.rows ||
        layer.columns != first.columns) {
      return cudaErrorInvalidValue;
    }
    group.layers[i] = layers[i];
  }
  return cudaSuccess;
}

bool is_empty(const BatchNorm& layer) {
  return layer.agents == 0 || layer.rows == 0 || layer.columns == 0;
}

cudaLaunchConfig_t column_launch(const BatchNorm& layer, std::int64_t depth, cudaStream_t stream) {
  const dim3 grid(grid_size(divide_up(layer.columns, column_threads)), grid_size(layer.agents),
                  grid_size(depth));
  return launch_config(grid, threads, stream);
}

}  // namespace

cudaError_t launch_batch_norm_forward(std::span<const BatchNormForward> layers,
                                      cudaStream_t stream) {
  Group<BatchNormForward> group{};
  if (layers.empty() || is_empty(layers.front().layer)) return cudaSuccess;
  if (const cudaError_t status = make_group(layers, group); status != cudaSuccess) return status;
  const BatchNorm& layer = layers.front().layer;
  const bool evaluates = std::any_of(layers.begin(), layers.end(), [](const auto& one) {
    return one.mode == BatchNormMode::evaluation;
  });
  // What grid.z can count of all layers' blocks.
  const std::int64_t max_row_blocks = max_grid_depth / max_batch_norms;
  const int row_blocks =
      evaluates ? static_cast<int>(std::min(divide_up(layer.rows, evaluation_rows), max_row_blocks))
                : 1;
  const cudaLaunchConfig_t config =
      column_launch(layer, row_blocks * static_cast<std::int64_t>(layers.size()), stream);
  return cudaLaunchKernelEx(&config, batch_norm_forward, group, row_blocks);
}

cudaError_t launch_batch_norm_backward(std::span<const BatchNormBackward> layers,
                                       cudaStream_t stream) {
  Group<BatchNormBackward> group{};
  if (layers.empty() || is_empty(layers.front().layer)) return cudaSuccess;
  if (const cudaError_t status = make_group(layers, group); status != cudaSuccess) return status;
  const BatchNorm& layer = layers.front().layer;
  const cudaLaunchConfig_t config =
      column_launch(layer, static_cast<std::int64_t>(layers.size()), stream);
  return cudaLaunchKernelEx(&config, batch_norm_backward, group);
}

}  // namespace polyak::kernels
