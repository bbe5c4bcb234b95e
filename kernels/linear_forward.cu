// Linear layers, forwards: Y = activation(X W^T + b).
//
//   X [batch, inputs], W [outputs, inputs], b [outputs], Y [batch, outputs], per agent, row-major
//   with leading dimensions (linear_forward.hpp).
//
// linear_forward: grid (tiles of all layers, agents; layer_group.cuh). A block computes a tile of Y
// (matrix_product.cuh, tensor_product.cuh: rows are rows of the batch, columns are outputs, the
// depth is inputs); bias and activation are applied on the way out. Bound by latency for small
// layers, by arithmetic for large ones.
//
// bias_activation: one thread per element of Y, grid (elements, agents). Bound by memory.
#include "kernels/layer_group.cuh"
#include "kernels/linear_forward.hpp"

namespace polyak::kernels {
namespace {

template <class Shape>
__global__ void __launch_bounds__(Shape::threads, Shape::blocks_per_multiprocessor)
    linear_forward(const LayerGroup<LinearForward> group) {
  wait_for_previous_kernel();
  using Product =
      typename Shape::template Product<Contiguous::depth, Contiguous::depth, layer_order<Shape>>;
  POLYAK_SHARED(float4, shared_memory, [Product::shared_floats / 4]);
  float* const shared = reinterpret_cast<float*>(shared_memory);
  const LayerBlock at = layer_block(group);
  const LinearForward& layer = group.layers[at.layer];
  const std::int64_t agent = blockIdx.y;
  const int column_tiles = (layer.outputs + Shape::columns - 1) / Shape::columns;
  const ProductPart part = {at.block / column_tiles * Shape::rows,
                            at.block % column_tiles * Shape::columns, 0, layer.inputs};
  const Operand input = {layer.input.data + agent * layer.input.agent_stride,
                         layer.input.leading_dimension, layer.batch};
  const Operand weight = {layer.weight.data + agent * layer.weight.agent_stride,
                          layer.weight.leading_dimension, layer.outputs};
  const float* const bias = layer.bias.data + agent * layer.bias.agent_stride;
  float* const output = layer.output.data + agent * layer.output.agent_stride;

  Product product;
  product.accumulate(input, weight, part, 0, false, shared);
  const auto store = [&](int tile_row, int tile_column, float sum) {
    const int row = part.first_row + tile_row;
    const int column = part.first_column + tile_column;
    if (row >= layer.batch || column >= layer.outputs) return;
    output[row * layer.output.leading_dimension + column] =
        Shape::activates_in_memory ? sum : activate(layer.activation, sum + bias[column]);
  };
  product.finish(false, store, [](int, float) {});
  if constexpr (Shape::activates_in_memory) {
    Product::visit_places([&](int tile_row, int tile_column) {
      const int row = part.first_row + tile_row, column = part.first_column + tile_column;
      if (row >= layer.batch || column >= layer.outputs) return;
      float& value = output[row * layer.output.leading_dimension + column];
      value = activate(layer.activation, value + bias[column]);
    });
  }
}

struct ForwardOperation {
  static bool is_empty(const LinearForward& layer) {
    return layer.agents == 0 || layer.batch == 0 || layer.outputs == 0;
  }
  static TileSize tile_size(const LinearForward& layer) {
    return layer_tile_size(layer.precision, layer.batch, layer.outputs, layer.agents);
  }
  template <class Shape>
  static std::int64_t blocks(const LinearForward& layer) {
    return divide_up(layer.batch, Shape::rows) * divide_up(layer.outputs, Shape::columns);
  }
  template <class Shape>
  static cudaError_t launch(const LayerGroup<LinearForward>& group, cudaStream_t stream) {
    const cudaLaunchConfig_t config = launch_config(group.grid(), Shape::threads, stream);
    return cudaLaunchKernelEx(&config, linear_forward<Shape>, group);
  }
};

constexpr int elementwise_threads = 256;

__global__ void __launch_bounds__(elementwise_threads)
    bias_activation(const BiasActivation arguments) {
  wait_for_previous_kernel();
  const std::int64_t element = global_thread();
  const std::int64_t row = element / arguments.outputs;
  const std::int64_t column = element % arguments.outputs;
  if (row >= arguments.batch) return;
  const std::int64_t agent = blockIdx.y;
  const float bias = arguments.bias.data[agent * arguments.bias.agent_stride + column];
  float& output = arguments.output.data[agent * arguments.output.agent_stride +
                                        row * arguments.output.leading_dimension + column];
  output = activate(arguments.activation, output + bias);
}

}  // namespace

cudaError_t launch_linear_forward(std::span<const LinearForward> layers, cudaStream_t stream) {
  return launch_grouped<ForwardOperation>(layers, stream);
}

cudaError_t launch_bias_activation(const BiasActivation& arguments, cudaStream_t stream) {
  const std::int64_t elements = static_cast<std::int64_t>(arguments.batch) * arguments.outputs;
  if (arguments.agents == 0 || elements == 0) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(elements, elementwise_threads)), grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, elementwise_threads, stream);
  return cudaLaunchKernelEx(&config, bias_activation, arguments);
}

}  // namespace polyak::kernels
