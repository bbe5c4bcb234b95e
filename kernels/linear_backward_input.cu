// Linear layers, backwards to their input: dX = (dY W) * activation'(X) (the chain rule; Rumelhart,
// Hinton & Williams 1986).
//
//   dY [batch, outputs], W [outputs, inputs], X and dX [batch, inputs], per agent, row-major with
//   leading dimensions (linear_backward_input.hpp).
//
// linear_backward_input: grid (tiles along the inputs, tiles along the batch, agents). A block
// computes a tile of dX (matrix_product.cuh: rows are rows of the batch, columns are inputs, the
// depth is outputs). Bound by latency for small layers, by fp32 arithmetic for large ones.
//
// activation_backward: one thread per element of dX, grid (elements, agents). Bound by memory.
#include "kernels/linear_backward_input.hpp"
#include "kernels/matrix_product.cuh"

namespace polyak::kernels {
namespace {

template <class Shape>
__global__ void __launch_bounds__(Shape::threads)
    linear_backward_input(const LinearBackwardInput layer) {
  using Product = BlockProduct<Shape, Contiguous::depth, Contiguous::extent>;
  POLYAK_SHARED(float4, shared_memory, [Product::shared_floats / 4]);
  float* const shared = reinterpret_cast<float*>(shared_memory);
  const std::int64_t agent = blockIdx.z;
  const int first_row = static_cast<int>(blockIdx.y) * Shape::rows;
  const int first_column = static_cast<int>(blockIdx.x) * Shape::columns;
  const Operand output_gradient = {
      layer.output_gradient.data + agent * layer.output_gradient.agent_stride,
      layer.output_gradient.leading_dimension, layer.batch};
  const Operand weight = {layer.weight.data + agent * layer.weight.agent_stride,
                          layer.weight.leading_dimension, layer.inputs};
  const float* const input = layer.input.data + agent * layer.input.agent_stride;
  float* const gradient = layer.input_gradient.data + agent * layer.input_gradient.agent_stride;

  Product product;
  product.accumulate(output_gradient, weight, first_row, first_column, 0, layer.outputs, false,
                     shared);
  const auto store = [&](int tile_row, int tile_column, float sum) {
    const int row = first_row + tile_row;
    const int column = first_column + tile_column;
    if (row >= layer.batch || column >= layer.inputs) return;
    const float derivative =
        layer.activation == Activation::identity
            ? 1.0f
            : activation_derivative(layer.activation,
                                    input[row * layer.input.leading_dimension + column]);
    gradient[row * layer.input_gradient.leading_dimension + column] = sum * derivative;
  };
  product.finish(false, shared, store, [](int, float) {});
}

template <class Shape>
cudaError_t launch(const LinearBackwardInput& layer, cudaStream_t stream) {
  const dim3 grid(grid_size(divide_up(layer.inputs, Shape::columns)),
                  grid_size(divide_up(layer.batch, Shape::rows)), grid_size(layer.agents));
  const cudaLaunchConfig_t config = launch_config(grid, Shape::threads, stream);
  return cudaLaunchKernelEx(&config, linear_backward_input<Shape>, layer);
}

constexpr int elementwise_threads = 256;

__global__ void __launch_bounds__(elementwise_threads)
    activation_backward(const ActivationBackward arguments) {
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

cudaError_t launch_linear_backward_input(const LinearBackwardInput& arguments,
                                         cudaStream_t stream) {
  if (arguments.agents == 0 || arguments.batch == 0 || arguments.inputs == 0) return cudaSuccess;
  return prefers_large_tiles(arguments.batch, arguments.inputs)
             ? launch<LargeProduct>(arguments, stream)
             : launch<SmallProduct>(arguments, stream);
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
