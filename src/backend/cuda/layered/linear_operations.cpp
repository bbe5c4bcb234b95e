#include "backend/cuda/layered/linear_operations.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "agent/agent.hpp"
#include "backend/cuda/device/check.hpp"
#include "backend/cuda/layered/batch_matrix.hpp"
#include "backend/cuda/layered/step_shape.hpp"

namespace polyak::cuda {
namespace {

/// The part of a per-agent matrix that belongs to one agent.
ConstMatrix matrix_of(const kernels::ConstStridedBatch& matrices, int agent, int rows,
                      int columns) {
  return {matrices.data + agent * matrices.agent_stride, rows, columns, matrices.leading_dimension};
}
Matrix matrix_of(const kernels::StridedBatch& matrices, int agent, int rows, int columns) {
  return {matrices.data + agent * matrices.agent_stride, rows, columns, matrices.leading_dimension};
}

ProductChoice choice_of(const Config& config) { return {config.matrix_product, config.precision}; }

/// Over a whole batch.
LayerShape shape_of(const Config& config, const LinearLayout& layer) {
  return {batch_steps(config).rows(), layer.inputs, layer.outputs};
}

template <class Layer>
LayerShape shape_of(const Layer& layer) {
  return {layer.batch, layer.inputs, layer.outputs};
}

/// Over the rows that gradients come from.
LayerShape gradient_shape_of(const Config& config, const LinearLayout& layer) {
  return {batch_steps(config).learned_rows(), layer.inputs, layer.outputs};
}

/// Of a layer's gradient, over these rows.
std::int64_t weight_gradient_parts_of(const Config& config, const LinearLayout& layer) {
  const StepShape shape = batch_steps(config);
  return kernels::linear_backward_weight_workspace(
      config.agents, {shape.step_rows, shape.learned_steps}, layer.inputs, layer.outputs);
}

std::int64_t weight_gradient_parts_of(const kernels::LinearBackwardWeight& layer) {
  return kernels::linear_backward_weight_workspace(
      layer.agents, {layer.batch / layer.steps, layer.steps}, layer.inputs, layer.outputs);
}

}  // namespace

bool uses_cublas(const ProductChoice& choice, const LayerShape& shape) {
  if (choice.product != MatrixProduct::automatic) return choice.product == MatrixProduct::cublas;
  // Predictions, not yet measured (bench/layered_engine.md). Below the bound the work is some
  // microseconds, as much as a launch: ours needs one launch for all agents, bias and activation
  // included, cuBLAS one for each agent and another for the rest. Above it (a batch of 1024 at
  // 256-256) the multiplication itself decides, and cuBLAS's is nearer to the hardware's rate.
  constexpr std::int64_t max_for_own_kernels = std::int64_t{1} << 26;
  const std::int64_t work = static_cast<std::int64_t>(shape.batch) * shape.inputs * shape.outputs;
  if (work <= max_for_own_kernels) return false;
  // In fp32 its bits would be its own: only where it is asked for. For tf32x3 it would multiply in
  // fp32, at half the rate of three tf32 products.
  if (choice.precision == Precision::fp32 || choice.precision == Precision::tf32x3) return false;
  // On tensor cores a product of this depth takes less time than the pass over its result that
  // adds bias and activation, which our kernels do not need.
  constexpr int least_width = 512;
  return std::min(shape.inputs, shape.outputs) >= least_width;
}

bool uses_cublas(const Config& config) {
  bool any = false;
  const auto note = [&](const LayerShape& shape) {
    any = any || uses_cublas(choice_of(config), shape);
  };
  for (const NetworkLayout& layout : {actor_layout(config), critic_layout(config)}) {
    for (std::size_t i = 0; i < layout.linear_count(); ++i) {
      note(shape_of(config, layout.linear(i)));
      note(gradient_shape_of(config, layout.linear(i)));
    }
    // One step of the sequences.
    if (layout.cell) {
      note({config.batch_size, layout.cell->recurrent.inputs, layout.cell->recurrent.outputs});
    }
  }
  const NetworkLayout actor = actor_layout(config);
  for (std::size_t i = 0; i < actor.linear_count(); ++i) {
    note({config.environments, actor.linear(i).inputs, actor.linear(i).outputs});
  }
  return any;
}

LinearWorkspace::LinearWorkspace(const Config& config, MemoryBudget& budget) {
  std::int64_t max_floats = 0;
  for (const NetworkLayout& layout : {actor_layout(config), critic_layout(config)}) {
    std::int64_t floats = 0;
    for (std::size_t i = 0; i < layout.linear_count(); ++i) {
      floats += weight_gradient_parts_of(config, layout.linear(i));
    }
    max_floats = std::max(max_floats, layout.networks * floats);
  }
  weight_gradient_parts = budget.buffer<float>(max_floats, batch_purpose);
  if (uses_cublas(config)) {
    cublas = budget.buffer<std::uint8_t>(CublasHandle::workspace_bytes, "workspace of cuBLAS");
  }
}

LinearOperations::LinearOperations(const ProductChoice& choice, const Stream& stream,
                                   LinearWorkspace workspace)
    : choice_(choice),
      stream_(stream.get()),
      weight_gradient_parts_(std::move(workspace.weight_gradient_parts)) {
  if (workspace.cublas.size() > 0) {
    cublas_.emplace(stream, choice.precision, std::move(workspace.cublas));
  }
}

void LinearOperations::forward(std::span<const kernels::LinearForward> layers) const {
  check(kernels::launch_linear_forward(multiply_by_cublas_or_return(layers), stream_),
        "launch_linear_forward");
}

void LinearOperations::backward_input(std::span<const kernels::LinearBackwardInput> layers) const {
  check(kernels::launch_linear_backward_input(multiply_by_cublas_or_return(layers), stream_),
        "launch_linear_backward_input");
}

void LinearOperations::backward_weight(
    std::span<const kernels::LinearBackwardWeight> layers) const {
  std::vector<kernels::LinearBackwardWeight> own = multiply_by_cublas_or_return(layers);
  float* workspace = weight_gradient_parts_.data();
  for (kernels::LinearBackwardWeight& layer : own) {
    layer.workspace = workspace;
    workspace += weight_gradient_parts_of(layer);
  }
  check(kernels::launch_linear_backward_weight(own, stream_), "launch_linear_backward_weight");
}

/// Queues those layers that are cuBLAS's, and returns the others with our precision.
template <class Layer>
std::vector<Layer> LinearOperations::multiply_by_cublas_or_return(
    std::span<const Layer> layers) const {
  std::vector<Layer> own;
  for (const Layer& layer : layers) {
    if (by_cublas(layer)) {
      multiply_by_cublas(layer);
    } else {
      own.push_back(layer);
      own.back().precision = choice_.precision;
    }
  }
  return own;
}

/// cuBLAS chooses its kernel by the alignment of the operands too. Where an operand is not aligned
/// alike for every agent (a critic's column of values, at an odd batch size), agents could get
/// different kernels and so different bits: our kernels, which do not care, take those.
template <class... Strides>
bool LinearOperations::by_cublas(const LayerShape& shape, Strides... agent_strides) const {
  return cublas_ && uses_cublas(choice_, shape) &&
         (... && (agent_strides % parameter_alignment == 0));
}

bool LinearOperations::by_cublas(const kernels::LinearForward& a) const {
  return by_cublas(shape_of(a), a.input.agent_stride, a.weight.agent_stride, a.output.agent_stride);
}

bool LinearOperations::by_cublas(const kernels::LinearBackwardInput& a) const {
  return by_cublas(shape_of(a), a.output_gradient.agent_stride, a.weight.agent_stride,
                   a.input_gradient.agent_stride);
}

bool LinearOperations::by_cublas(const kernels::LinearBackwardWeight& a) const {
  return by_cublas(shape_of(a), a.output_gradient.agent_stride, a.input.agent_stride,
                   a.weight_gradient.agent_stride);
}

// One call per agent. cublasGemmStridedBatchedEx would take all agents at once, but cuBLAS chooses
// its kernel, and with it the order of the sums, by the number of matrices too, and promises the
// same bits for the same call only: an agent's bits would depend on who trains beside it. At the
// sizes that come here a call is at least as long as its launch.

void LinearOperations::multiply_by_cublas(const kernels::LinearForward& a) const {
  for (int agent = 0; agent < a.agents; ++agent) {
    cublas_->multiply(matrix_of(a.input, agent, a.batch, a.inputs), Transpose::no,
                      matrix_of(a.weight, agent, a.outputs, a.inputs), Transpose::yes,
                      matrix_of(a.output, agent, a.batch, a.outputs));
  }
  check(kernels::launch_bias_activation(
            {a.agents, a.batch, a.outputs, a.activation, a.bias, a.output}, stream_),
        "launch_bias_activation");
}

void LinearOperations::multiply_by_cublas(const kernels::LinearBackwardInput& a) const {
  for (int agent = 0; agent < a.agents; ++agent) {
    cublas_->multiply(matrix_of(a.output_gradient, agent, a.batch, a.outputs), Transpose::no,
                      matrix_of(a.weight, agent, a.outputs, a.inputs), Transpose::no,
                      matrix_of(a.input_gradient, agent, a.batch, a.inputs));
  }
  check(kernels::launch_activation_backward(
            {a.agents, a.batch, a.inputs, a.activation, a.input, a.input_gradient}, stream_),
        "launch_activation_backward");
}

void LinearOperations::multiply_by_cublas(const kernels::LinearBackwardWeight& a) const {
  for (int agent = 0; agent < a.agents; ++agent) {
    cublas_->multiply(matrix_of(a.output_gradient, agent, a.batch, a.outputs), Transpose::yes,
                      matrix_of(a.input, agent, a.batch, a.inputs), Transpose::no,
                      matrix_of(a.weight_gradient, agent, a.outputs, a.inputs));
  }
  check(kernels::launch_bias_gradient(
            {a.agents, a.batch, a.outputs, a.output_gradient, a.bias_gradient}, stream_),
        "launch_bias_gradient");
}

}  // namespace polyak::cuda
