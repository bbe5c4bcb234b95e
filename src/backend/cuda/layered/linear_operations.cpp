#include "backend/cuda/layered/linear_operations.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "backend/cuda/device/check.hpp"
#include "polyak/agent.hpp"

namespace polyak::cuda {
namespace {

/// The part of a per-agent matrix that belongs to one agent.
ConstMatrix matrix_of(const kernels::ConstMatrices& matrices, int agent, int rows, int columns) {
  return {matrices.data + agent * matrices.agent_stride, rows, columns, matrices.leading_dimension};
}
Matrix matrix_of(const kernels::Matrices& matrices, int agent, int rows, int columns) {
  return {matrices.data + agent * matrices.agent_stride, rows, columns, matrices.leading_dimension};
}

/// Calls visitor(shape) for every linear layer that learns from batches.
template <class Visitor>
void visit_learning_layers(const Config& config, const Visitor& visitor) {
  for (const NetworkLayout& layout : {actor_layout(config), critic_layout(config)}) {
    for (const LinearLayout& layer : layout.layers) {
      visitor(LayerShape{config.batch_size, layer.inputs, layer.outputs});
    }
  }
}

}  // namespace

bool uses_cublas(MatrixProduct choice, const LayerShape& shape) {
  if (choice != MatrixProduct::automatic) return choice == MatrixProduct::cublas;
  // A prediction, not yet measured. Below the bound the work is some microseconds, as much as a
  // launch: ours needs one launch for all agents, bias and activation included, cuBLAS one for each
  // agent and another for the rest. Above it (a batch of 1024 at 256-256) the multiplication itself
  // decides, and cuBLAS's is nearer to the hardware's rate.
  constexpr std::int64_t most_for_own_kernels = std::int64_t{1} << 26;
  return static_cast<std::int64_t>(shape.batch) * shape.inputs * shape.outputs >
         most_for_own_kernels;
}

bool uses_cublas(const Config& config) {
  bool any = false;
  const auto note = [&](const LayerShape& shape) {
    any = any || uses_cublas(config.matrix_product, shape);
  };
  visit_learning_layers(config, note);
  for (const LinearLayout& layer : actor_layout(config).layers) {
    note({config.environments, layer.inputs, layer.outputs});
  }
  return any;
}

LinearWorkspace::LinearWorkspace(const Config& config, MemoryBudget& budget) {
  std::int64_t floats = 0;
  visit_learning_layers(config, [&](const LayerShape& shape) {
    floats = std::max(floats, kernels::linear_backward_weight_workspace(
                                  config.agents, shape.batch, shape.inputs, shape.outputs));
  });
  weight_gradient_parts = budget.buffer<float>(floats, "batches and activations");
  if (uses_cublas(config)) {
    cublas = budget.buffer<std::uint8_t>(CublasHandle::workspace_bytes, "workspace of cuBLAS");
  }
}

LinearOperations::LinearOperations(MatrixProduct choice, const Stream& stream,
                                   LinearWorkspace workspace)
    : choice_(choice),
      stream_(stream.get()),
      weight_gradient_parts_(std::move(workspace.weight_gradient_parts)) {
  if (workspace.cublas.size() > 0) cublas_.emplace(stream, std::move(workspace.cublas));
}

/// cuBLAS chooses its kernel by the alignment of the operands too. Where an operand is not aligned
/// alike for every agent (a critic's column of values, at an odd batch size), agents could get
/// different kernels and so different bits: our kernels, which do not care, take those.
template <class... Strides>
bool LinearOperations::by_cublas(const LayerShape& shape, Strides... agent_strides) const {
  return cublas_ && uses_cublas(choice_, shape) &&
         (... && (agent_strides % parameter_alignment == 0));
}

void LinearOperations::forward(const kernels::LinearForward& a) const {
  if (!by_cublas({a.batch, a.inputs, a.outputs}, a.input.agent_stride, a.weight.agent_stride,
                 a.output.agent_stride)) {
    return check(kernels::launch_linear_forward(a, stream_), "launch_linear_forward");
  }
  for (int agent = 0; agent < a.agents; ++agent) {
    cublas_->multiply(matrix_of(a.input, agent, a.batch, a.inputs), Transpose::no,
                      matrix_of(a.weight, agent, a.outputs, a.inputs), Transpose::yes,
                      matrix_of(a.output, agent, a.batch, a.outputs));
  }
  check(kernels::launch_bias_activation(
            {a.agents, a.batch, a.outputs, a.activation, a.bias, a.output}, stream_),
        "launch_bias_activation");
}

void LinearOperations::backward_input(const kernels::LinearBackwardInput& a) const {
  if (!by_cublas({a.batch, a.inputs, a.outputs}, a.output_gradient.agent_stride,
                 a.weight.agent_stride, a.input_gradient.agent_stride)) {
    return check(kernels::launch_linear_backward_input(a, stream_), "launch_linear_backward_input");
  }
  for (int agent = 0; agent < a.agents; ++agent) {
    cublas_->multiply(matrix_of(a.output_gradient, agent, a.batch, a.outputs), Transpose::no,
                      matrix_of(a.weight, agent, a.outputs, a.inputs), Transpose::no,
                      matrix_of(a.input_gradient, agent, a.batch, a.inputs));
  }
  check(kernels::launch_activation_backward(
            {a.agents, a.batch, a.inputs, a.activation, a.input, a.input_gradient}, stream_),
        "launch_activation_backward");
}

void LinearOperations::backward_weight(kernels::LinearBackwardWeight a) const {
  a.workspace = weight_gradient_parts_.data();
  if (!by_cublas({a.batch, a.inputs, a.outputs}, a.output_gradient.agent_stride,
                 a.input.agent_stride, a.weight_gradient.agent_stride)) {
    return check(kernels::launch_linear_backward_weight(a, stream_),
                 "launch_linear_backward_weight");
  }
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
