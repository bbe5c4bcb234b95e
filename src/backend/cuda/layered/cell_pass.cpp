#include "backend/cuda/layered/cell_pass.hpp"

#include <utility>

#include "backend/cuda/device/check.hpp"

namespace polyak::cuda {
namespace {

/// The rows of a matrix from `row` on.
template <class AnyStridedBatch>
AnyStridedBatch rows_from(AnyStridedBatch matrices, std::int64_t row) {
  matrices.data += row * matrices.leading_dimension;
  return matrices;
}

template <class AnyStridedBatch>
AnyStridedBatch columns_from(AnyStridedBatch matrices, int column) {
  matrices.data += column;
  return matrices;
}

}  // namespace

CellBuffers::CellBuffers(const NetworkLayout& layout, int agents, const StepShape& shape,
                         Direction direction, std::string_view purpose, MemoryBudget& budget) {
  const CellLayout& cell_layout = *layout.cell;
  const int sums = cell_layout.input.outputs, units = cell_layout.units;
  const bool lstm = cell_layout.kind == PolicyKind::lstm;
  const auto matrix = [&](int rows, int columns) {
    return BatchMatrix(agents, rows, columns, purpose, budget);
  };
  input_sums = matrix(shape.rows(), sums);
  recurrent_sums = matrix(shape.step_rows, sums);
  output = matrix(shape.rows(), layout.layers.front().inputs);
  // Single steps keep their states elsewhere.
  if (shape.steps == 1) return;
  hidden = matrix(shape.rows() + shape.step_rows, units);
  if (lstm) cell = matrix(shape.rows() + shape.step_rows, units);
  if (direction == Direction::forward_only) return;
  gates = matrix(shape.rows(), sums + units);
  hidden_gradient = matrix(shape.learned_rows(), units);
  carried = matrix(shape.step_rows, units);
  state_gradient = matrix(shape.step_rows, units);
  input_sum_gradient = matrix(shape.learned_rows(), sums);
  if (!lstm) recurrent_sum_gradient = matrix(shape.learned_rows(), sums);
}

CellPass::CellPass(const NetworkLayout& layout, int agents, const StepShape& shape,
                   CellBuffers buffers, const LinearOperations& operations)
    : cell_(*layout.cell),
      action_inputs_(layout.layers.front().inputs - cell_.units - cell_.observation_size),
      stride_(layout.stride),
      agents_(agents),
      shape_(shape),
      buffers_(std::move(buffers)),
      states_{buffers_.hidden.view(), buffers_.cell.view(), shape.step_rows},
      operations_(operations) {}

void CellPass::clear_first_state(const Stream& stream) const {
  buffers_.hidden.clear(stream);
  buffers_.cell.clear(stream);
}

void CellPass::keep_states_in(const kernels::StridedBatch& states) {
  states_ = {states, columns_from(states, cell_.units), 0};
}

void CellPass::copy_inputs(std::span<const Operands> cells) {
  if (cells.empty()) return;
  std::vector<kernels::CopyColumns> observations, actions;
  for (const Operands& cell : cells) {
    const CellLayout& layout = cell.pass.cell_;
    const int width = layout.observation_size;
    observations.push_back(cell.pass.copied_columns(cell, 0, width, layout.units));
    if (cell.pass.action_inputs_ == 0) continue;
    actions.push_back(cell.pass.copied_columns(cell, layout.input.inputs, cell.pass.action_inputs_,
                                               layout.units + width));
  }
  for (const auto* const copies : {&observations, &actions}) {
    check(kernels::launch_copy_columns(*copies, cells.front().pass.operations_.stream()),
          "launch_copy_columns");
  }
}

void CellPass::forward(std::span<const Operands> cells) {
  if (cells.empty()) return;
  const CellPass& first = cells.front().pass;
  const LinearOperations& operations = first.operations_;
  std::vector<kernels::LinearForward> inputs;
  for (const Operands& cell : cells) {
    inputs.push_back(cell.pass.product(cell.pass.cell_.input, cell.parameters,
                                       cell.pass.shape_.rows(), cell.input,
                                       cell.pass.buffers_.input_sums.view()));
  }
  operations.forward(inputs);
  for (int step = 0; step < first.shape_.steps; ++step) {
    std::vector<kernels::LinearForward> products;
    std::vector<kernels::CellForward> steps;
    for (const Operands& cell : cells) {
      products.push_back(cell.pass.recurrent_product(cell.parameters, step));
      steps.push_back(cell.pass.step_forward(step));
    }
    operations.forward(products);
    check(kernels::launch_cell_forward(steps, operations.stream()), "launch_cell_forward");
  }
}

void CellPass::backward(std::span<const Operands> cells, const float* weights) {
  const CellPass& first = cells.front().pass;
  for (int step = first.shape_.learned_steps - 1; step >= 0; --step) {
    std::vector<kernels::CellBackward> steps;
    std::vector<kernels::LinearBackwardInput> products;
    for (const Operands& cell : cells) {
      steps.push_back(cell.pass.step_backward(step, weights));
      products.push_back(cell.pass.carry(cell.parameters, step));
    }
    check(kernels::launch_cell_backward(steps, first.operations_.stream()), "launch_cell_backward");
    if (step > 0) first.operations_.backward_input(products);
  }
}

/// sums = W input + b over `rows` rows.
kernels::LinearForward CellPass::product(const LinearLayout& linear, const float* parameters,
                                         int rows, kernels::ConstStridedBatch input,
                                         kernels::StridedBatch sums) const {
  return {.agents = agents_,
          .batch = rows,
          .inputs = linear.inputs,
          .outputs = linear.outputs,
          .activation = Activation::identity,
          .input = input,
          .weight = {parameters + linear.weight_offset, linear.inputs, stride_},
          .bias = {parameters + linear.bias_offset, stride_},
          .output = sums};
}

/// Columns of the network's input to where layer 0 reads them.
kernels::CopyColumns CellPass::copied_columns(const Operands& operands, int first, int columns,
                                              int first_output) const {
  return {.agents = agents_,
          .rows = shape_.rows(),
          .columns = columns,
          .source = columns_from(operands.input, first),
          .target = buffers_.output.columns_from(first_output)};
}

kernels::LinearForward CellPass::recurrent_product(const float* parameters, int step) const {
  return product(cell_.recurrent, parameters, shape_.step_rows,
                 rows_from(states_.hidden, step * states_.step_rows),
                 buffers_.recurrent_sums.view());
}

kernels::CellForward CellPass::step_forward(int step) const {
  const std::int64_t row = std::int64_t{step} * shape_.step_rows;
  const std::int64_t before = step * states_.step_rows, after = before + states_.step_rows;
  return {.agents = agents_,
          .rows = shape_.step_rows,
          .units = cell_.units,
          .kind = cell_.kind,
          .input_sums = rows_from(buffers_.input_sums.view(), row),
          .recurrent_sums = buffers_.recurrent_sums.view(),
          .hidden_before = rows_from(states_.hidden, before),
          .cell_before = rows_from(states_.cell, before),
          .hidden = rows_from(states_.hidden, after),
          .hidden_copy = rows_from(buffers_.output.view(), row),
          .cell = rows_from(states_.cell, after),
          .gates = rows_from(buffers_.gates.view(), row)};
}

kernels::CellBackward CellPass::step_backward(int step, const float* weights) const {
  const std::int64_t row = std::int64_t{step} * shape_.step_rows;
  const bool is_last = step + 1 == shape_.learned_steps;
  return {.agents = agents_,
          .rows = shape_.step_rows,
          .units = cell_.units,
          .kind = cell_.kind,
          .gates = rows_from(buffers_.gates.view(), row),
          .hidden_before = rows_from(states_.hidden, row),
          .cell_before = rows_from(states_.cell, row),
          .hidden_gradient = rows_from(buffers_.hidden_gradient.view(), row),
          .carried = is_last ? kernels::StridedBatch{} : buffers_.carried.view(),
          .state_gradient = buffers_.state_gradient.view(),
          .weights = weights + row,
          .weights_agent_stride = shape_.rows(),
          .input_sum_gradient = rows_from(buffers_.input_sum_gradient.view(), row),
          .recurrent_sum_gradient = rows_from(recurrent_sum_gradient().view(), row)};
}

/// The gradient of a step's hidden values through the recurrent product.
kernels::LinearBackwardInput CellPass::carry(const float* parameters, int step) const {
  const LinearLayout& linear = cell_.recurrent;
  const std::int64_t row = std::int64_t{step} * shape_.step_rows;
  return {.agents = agents_,
          .batch = shape_.step_rows,
          .inputs = linear.inputs,
          .outputs = linear.outputs,
          .activation = Activation::identity,
          .output_gradient = rows_from(recurrent_sum_gradient().view(), row),
          .weight = {parameters + linear.weight_offset, linear.inputs, stride_},
          .input = {},
          .input_gradient = buffers_.carried.view()};
}

/// An LSTM's is the same for both products.
const BatchMatrix& CellPass::recurrent_sum_gradient() const {
  return cell_.kind == PolicyKind::gru ? buffers_.recurrent_sum_gradient
                                       : buffers_.input_sum_gradient;
}

void CellPass::append_weight_gradients(kernels::ConstStridedBatch input, float* gradient,
                                       std::vector<kernels::LinearBackwardWeight>& products) const {
  const auto product_gradient = [&](const LinearLayout& linear, const BatchMatrix& sum_gradient,
                                    kernels::ConstStridedBatch product_input) {
    return kernels::LinearBackwardWeight{
        .agents = agents_,
        .batch = shape_.learned_rows(),
        .inputs = linear.inputs,
        .outputs = linear.outputs,
        .output_gradient = sum_gradient.view(),
        .input = product_input,
        .weight_gradient = {gradient + linear.weight_offset, linear.inputs, stride_},
        .bias_gradient = {gradient + linear.bias_offset, stride_},
        .workspace = nullptr,
        .steps = shape_.learned_steps};
  };
  products.push_back(product_gradient(cell_.input, buffers_.input_sum_gradient, input));
  products.push_back(product_gradient(cell_.recurrent, recurrent_sum_gradient(), states_.hidden));
}

}  // namespace polyak::cuda
