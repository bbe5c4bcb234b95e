// Linear layers, backwards to their input: dX = (dY W) * activation'(X) (the chain rule; Rumelhart,
// Hinton & Williams 1986).
//
//   dY [batch, outputs], W [outputs, inputs], X and dX [batch, inputs], per agent, row-major with
//   leading dimensions (linear_backward_input.hpp).
//
// linear_backward_input: grid (tiles of all layers, agents; layer_group.cuh). A block computes a
// tile of dX (matrix_product.cuh, tensor_product.cuh: rows are rows of the batch, columns are
// inputs, the depth is outputs). Bound by latency for small layers, by arithmetic for large ones.
//
// activation_backward: one thread per element of dX, grid (elements, agents). Bound by memory.
#include "kernels/layer_group.cuh"
#include "kernels/linear_backward_input.hpp"

namespace polyak::kernels {
namespace {

template <class Shape>
__global__ void __launch_bounds__(Shape::threads, Shape::blocks_per_multiprocessor)
    linear_backward_input(const LayerGroup<LinearBackwardInput> group) {
  wait_for_previous_kernel();
  using Product =
      typename Shape::template Product<Contiguous::depth, Contiguous::extent, layer_order<Shape>>;
  POLYAK_SHARED(float4, shared_memory, [Product::shared_floats / 4]);
  float* const shared = reinterpret_cast<float*>(shared_memory);
  const LayerBlock at = layer_block(group);
  const LinearBackwardInput& layer = group.layers[at.layer];
  const std::int64_t agent = blockIdx.y;
  const int column_tiles = (layer.inputs + Shape::columns - 1) / Shape::columns;
  const ProductPart part = {at.block / column_tiles * Shape::rows,
                            at.block % column_tiles * Shape::columns, 0, layer.outputs};
  const Operand output_gradient = {
      layer.output_gradient.data + agent * layer.output_gradient.agent_stride,
      layer.output_gradient.leading_dimension, layer.batch};
  const Operand weight = {layer.weight.data + agent * layer.weight.agent_stride,
                          layer.weight.leading_dimension, layer.inputs};
  const float* const input = layer.input.data + agent * layer.input.agent_stride;
  float* const gradient = layer.input_gradient.data + agent * layer.input_gradient.agent_stride;

  Product product;
  product.accumulate(output_gradient, weight, part, 0, false, shared);
  const auto store = [&](int tile_row, int tile_column, float sum) {
    const int row = part.first_row + tile_row;
    const int column = part.first_column + tile_column;
    if (row >= layer.batch || column >= layer.inputs) return;
    const float derivative =
        layer.activation == Activation::identity
            ? 1.0f
            : activation_derivative(layer.activation,
                                    input[row * layer.input.leading_dimension + column]);
    gradient[row * layer.input_gradient.leading_dimension + column] = sum * derivative;
  };
  product.finish(false, store, [](int, float) {});
}

struct BackwardInputOperation {
  static bool is_empty(const LinearBackwardInput& layer) {
    return layer.agents == 0 || layer.batch == 0 || layer.inputs == 0;
  }
  static TileSize tile_size(const LinearBackwardInput& layer) {
    return layer_tile_size(layer.precision, layer.batch, layer.inputs, layer.agents);
  }
  template <class Shape>
  static std::int64_t blocks(const LinearBackwardInput& layer) {
    return divide_up(layer.batch, Shape::rows) * divide_up(layer.inputs, Shape::columns);
  }
  template <class Shape>
  static cudaError_t launch(const LayerGroup<LinearBackwardInput>& group, cudaStream_t stream) {
    const cudaLaunchConfig_t config = launch_config(group.grid(), Shape::threads, stream);
    return cudaLaunchKernelEx(&config, linear_backward_input<Shape>, group);
  }
};

constexpr int elementwise_threads = 256;

__global__ void __launch_bounds__(elementwise_threads)
    activation_backward(const ActivationBackward arguments) {
  wait_for_previous_kernel();
  const std::int64_t element = global_thread();
  const std::int64_t row = element / arguments.inputs;
  const std::int64_t column = element % arguments.inputs;
  if (row >= arguments.batch) return;
  const std::int64_t agent = blockIdx.y;
  const float activated = arguments.input.data[agent * arguments.input.agent_stride +
                                               row * arguments.input.leading_dimension + column];
  arguments.input_gradient.data[agent * arguments.input_gradient.agent_stride +
                                row * arguments.input_gradient.leading_dimension + column] *=
      activation_derivative(arguments.activation, activated);
}

}  // namespace

cudaError_t launch_linear_backward_input(std::span<const LinearBackwardInput> layers,
                                         cudaStream_t stream) {
  return launch_grouped<BackwardInputOperation>(layers, stream);
}

cudaError_t launch_activation_backward(const ActivationBackward& arguments, cudaStream_t stream) {
  const std::int64_t elements = static_cast<std::int64_t>(arguments.batch) * arguments.inputs;
  const bool nothing_to_do = arguments.activation == Activation::identity;
  if (arguments.agents == 0 || elements == 0 || nothing_to_do) return cudaSuccess;
  const dim3 grid(grid_size(divide_up(elements, elementwise_threads)), grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, elementwise_threads, stream);
  return cudaLaunchKernelEx(&config, activation_backward, arguments);
}

}  // namespace polyak::kernels
