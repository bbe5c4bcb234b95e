// Linear layers, backwards to their parameters: dW = dY^T X, db = column sums of dY.
//
//   dY [batch, outputs], X [batch, inputs], dW [outputs, inputs], db [outputs], per agent,
//   row-major with leading dimensions (linear_backward_weight.hpp).
//
// linear_backward_weight: grid (tiles of all layers times slices of the batch, agents;
// layer_group.cuh). A block computes a tile of dW over one slice (matrix_product.cuh,
// tensor_product.cuh: rows are outputs, columns are inputs, the depth is the batch), by the groups
// of rows in which all sums over a batch are made (polyak/core/summation.hpp); the blocks of the
// first inputs sum dY too, in fp32 always. A small batch is one slice, and the sums go straight to
// dW and db; of a large one each group is a slice, and they go to the workspace [agents, slices,
// outputs, inputs + 1], whose last column is db's. Bound by latency for small layers, by arithmetic
// for large ones.
//
// add_slices: one thread per element of dW and db, which adds the slices from the first to the
// last; grid (elements of all layers, agents). Bound by memory.
//
// bias_gradient: a block sums 32 columns of dY, 8 threads to a column, each every eighth row; a
// tree adds the eight. Grid (columns / 32, agents). Bound by memory.
#include <algorithm>

#include "kernels/layer_group.cuh"
#include "kernels/linear_backward_weight.hpp"

namespace polyak::kernels {
namespace {

/// How the batch is cut: into its groups of rows, or not at all. Places of RowOrder.
struct Slices {
  int count;
  int places;
};

POLYAK_HOST_DEVICE constexpr Slices slices_of(const RowOrder& rows) {
  constexpr int max_places_of_one = 1024;
  const int places = rows.places();
  if (places <= max_places_of_one || rows.groups() == 1) return {1, places};
  return {rows.groups(), rows.group_places()};
}

POLYAK_HOST_DEVICE constexpr RowOrder rows_of(const LinearBackwardWeight& layer) {
  return {layer.batch / layer.steps, layer.steps};
}

POLYAK_HOST_DEVICE constexpr Slices slices_of(const LinearBackwardWeight& layer) {
  return slices_of(rows_of(layer));
}

template <class Shape>
__global__ void __launch_bounds__(Shape::threads, Shape::blocks_per_multiprocessor)
    linear_backward_weight(const LayerGroup<LinearBackwardWeight> group) {
  wait_for_previous_kernel();
  using Product =
      typename Shape::template Product<Contiguous::extent, Contiguous::extent, Shape::batch_order>;
  POLYAK_SHARED(float4, shared_memory, [Product::shared_floats / 4]);
  float* const shared = reinterpret_cast<float*>(shared_memory);
  const LayerBlock at = layer_block(group);
  const LinearBackwardWeight& layer = group.layers[at.layer];
  const std::int64_t agent = blockIdx.y;
  const RowOrder rows = rows_of(layer);
  const Slices slices = slices_of(rows);
  const int slice = at.block % slices.count, tile = at.block / slices.count;
  const int column_tiles = max((layer.inputs + Shape::columns - 1) / Shape::columns, 1);
  const ProductPart part = {tile / column_tiles * Shape::rows, tile % column_tiles * Shape::columns,
                            slice * slices.places, min((slice + 1) * slices.places, rows.places())};
  const Operand output_gradient = {
      layer.output_gradient.data + agent * layer.output_gradient.agent_stride,
      layer.output_gradient.leading_dimension, layer.outputs, rows};
  const Operand input = {layer.input.data + agent * layer.input.agent_stride,
                         layer.input.leading_dimension, layer.inputs, rows};

  float* weight_gradient = layer.weight_gradient.data + agent * layer.weight_gradient.agent_stride;
  float* bias_gradient = layer.bias_gradient.data + agent * layer.bias_gradient.agent_stride;
  std::int64_t pitch = layer.weight_gradient.leading_dimension, bias_pitch = 1;
  if (slices.count > 1) {
    pitch = bias_pitch = layer.inputs + 1;
    weight_gradient = layer.workspace + (agent * slices.count + slice) * layer.outputs * pitch;
    bias_gradient = weight_gradient + layer.inputs;
  }
  const bool sum_bias = part.first_column == 0;
  Product product;
  product.accumulate(output_gradient, input, part, rows.group_places(), sum_bias, shared);
  const auto store_weight = [&](int tile_row, int tile_column, float sum) {
    const int row = part.first_row + tile_row;
    const int column = part.first_column + tile_column;
    if (row < layer.outputs && column < layer.inputs) weight_gradient[row * pitch + column] = sum;
  };
  const auto store_bias = [&](int tile_row, float sum) {
    const int row = part.first_row + tile_row;
    if (row < layer.outputs) bias_gradient[row * bias_pitch] = sum;
  };
  product.finish(sum_bias, store_weight, store_bias);
}

struct BackwardWeightOperation {
  static bool is_empty(const LinearBackwardWeight& layer) {
    return layer.agents == 0 || layer.outputs == 0;
  }
  static TileSize tile_size(const LinearBackwardWeight& layer) {
    const int slices = slices_of(layer).count;
    const ProductSize size = {layer.outputs, layer.inputs, slices};
    const TileSize tile = tile_size_for(layer.precision, size, layer.agents);
    // Large tiles have no registers for the sums of several groups.
    const bool has_groups = slices == 1 && rows_of(layer).groups() > 1;
    return tile == TileSize::large && has_groups ? TileSize::medium : tile;
  }
  template <class Shape>
  static std::int64_t blocks(const LinearBackwardWeight& layer) {
    // A layer without inputs still has a bias: at least one tile.
    const std::int64_t column_tiles = divide_up(std::max(layer.inputs, 1), Shape::columns);
    return divide_up(layer.outputs, Shape::rows) * column_tiles * slices_of(layer).count;
  }
  template <class Shape>
  static cudaError_t launch(const LayerGroup<LinearBackwardWeight>& group, cudaStream_t stream) {
    const cudaLaunchConfig_t config = launch_config(group.grid(), Shape::threads, stream);
    return cudaLaunchKernelEx(&config, linear_backward_weight<Shape>, group);
  }
};

constexpr int elementwise_threads = 256;

__global__ void __launch_bounds__(elementwise_threads)
    add_slices(const LayerGroup<LinearBackwardWeight> group) {
  wait_for_previous_kernel();
  const LayerBlock at = layer_block(group);
  const LinearBackwardWeight& layer = group.layers[at.layer];
  const int slices = slices_of(layer).count;
  const std::int64_t pitch = layer.inputs + 1;
  const std::int64_t elements = layer.outputs * pitch;
  const std::int64_t element = std::int64_t{at.block} * elementwise_threads + threadIdx.x;
  if (element >= elements) return;
  const std::int64_t agent = blockIdx.y;
  const float* const partial = layer.workspace + agent * slices * elements + element;
  float sum = partial[0];
  for (int slice = 1; slice < slices; ++slice) sum += partial[slice * elements];
  const std::int64_t row = element / pitch, column = element % pitch;
  if (column < layer.inputs) {
    layer.weight_gradient.data[agent * layer.weight_gradient.agent_stride +
                               row * layer.weight_gradient.leading_dimension + column] = sum;
  } else {
    layer.bias_gradient.data[agent * layer.bias_gradient.agent_stride + row] = sum;
  }
}

cudaError_t launch_add_slices(std::span<const LinearBackwardWeight> layers, cudaStream_t stream) {
  const auto launch = [&](const LayerGroup<LinearBackwardWeight>& group) {
    const cudaLaunchConfig_t config = launch_config(group.grid(), elementwise_threads, stream);
    return cudaLaunchKernelEx(&config, add_slices, group);
  };
  LayerGroup<LinearBackwardWeight> group;
  for (const LinearBackwardWeight& layer : layers) {
    if (BackwardWeightOperation::is_empty(layer) || slices_of(layer).count == 1) continue;
    const std::int64_t elements = static_cast<std::int64_t>(layer.outputs) * (layer.inputs + 1);
    group.add(layer, divide_up(elements, elementwise_threads));
    if (group.count < max_layers_in_group) continue;
    if (const cudaError_t status = launch(group)) return status;
    group = LayerGroup<LinearBackwardWeight>();
  }
  return group.count == 0 ? cudaSuccess : launch(group);
}

constexpr int bias_columns = 32, bias_threads_per_column = 8;
constexpr int bias_threads = bias_columns * bias_threads_per_column;

__global__ void __launch_bounds__(bias_threads) bias_gradient(const BiasGradient arguments) {
  wait_for_previous_kernel();
  POLYAK_SHARED(float, sums, [bias_threads_per_column][bias_columns]);
  const int lane = static_cast<int>(threadIdx.x) % bias_columns;
  const int part = static_cast<int>(threadIdx.x) / bias_columns;
  const int column = static_cast<int>(blockIdx.x) * bias_columns + lane;
  const std::int64_t agent = blockIdx.y;
  const ConstStridedBatch& matrix = arguments.output_gradient;
  const float* const data = matrix.data + agent * matrix.agent_stride + column;
  float sum = 0.0f;
  if (column < arguments.outputs) {
    for (int row = part; row < arguments.batch; row += bias_threads_per_column) {
      sum += data[row * matrix.leading_dimension];
    }
  }
  sums[part][lane] = sum;
  for (int distance = bias_threads_per_column / 2; distance > 0; distance /= 2) {
    __syncthreads();
    if (part < distance) sums[part][lane] += sums[part + distance][lane];
  }
  if (part == 0 && column < arguments.outputs) {
    arguments.bias_gradient.data[agent * arguments.bias_gradient.agent_stride + column] =
        sums[0][lane];
  }
}

}  // namespace

std::int64_t linear_backward_weight_workspace(int agents, const RowOrder& rows, int inputs,
                                              int outputs) {
  const Slices slices = slices_of(rows);
  if (slices.count == 1) return 0;
  return static_cast<std::int64_t>(agents) * slices.count * outputs *
         (static_cast<std::int64_t>(inputs) + 1);
}

cudaError_t launch_linear_backward_weight(std::span<const LinearBackwardWeight> layers,
                                          cudaStream_t stream) {
  const cudaError_t status = launch_grouped<BackwardWeightOperation>(layers, stream);
  return status != cudaSuccess ? status : launch_add_slices(layers, stream);
}

cudaError_t launch_bias_gradient(const BiasGradient& arguments, cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.outputs == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(arguments.outputs, bias_columns)),
                  grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, bias_threads, stream);
  return cudaLaunchKernelEx(&config, bias_gradient, arguments);
}

}  // namespace polyak::kernels
