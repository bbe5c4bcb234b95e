// The recurrent cells in front of the networks of all agents, forwards and backwards over the steps
// of a batch of sequences (kernels/recurrent_cell.hpp).
//
// Matrices over a batch are time-major: step t has rows [t * step_rows, (t + 1) * step_rows).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "agent/agent.hpp"
#include "backend/cuda/device/memory_budget.hpp"
#include "backend/cuda/device/stream.hpp"
#include "backend/cuda/layered/batch_matrix.hpp"
#include "backend/cuda/layered/linear_operations.hpp"
#include "backend/cuda/layered/step_shape.hpp"
#include "kernels/copy_columns.hpp"
#include "kernels/recurrent_cell.hpp"

namespace polyak::cuda {

/// Scratch memory of a cell; nothing for a network without one.
struct CellBuffers {
  CellBuffers() = default;
  CellBuffers(const NetworkLayout& layout, int agents, const StepShape& shape, Direction direction,
              std::string_view purpose, MemoryBudget& budget);

  BatchMatrix input_sums;      // [rows, gates * units]
  BatchMatrix recurrent_sums;  // [step_rows, gates * units]
  // What layer 0 reads, [rows, units + observation_size + actions that enter there].
  BatchMatrix output;
  // Before each step and after the last: [rows + step_rows, units]. The first are zero.
  BatchMatrix hidden, cell;  // cell: of an LSTM

  // To go backwards:
  BatchMatrix gates;                   // [rows, (gates + 1) * units]
  BatchMatrix hidden_gradient;         // [learned rows, units]
  BatchMatrix carried;                 // [step_rows, units]
  BatchMatrix state_gradient;          // [step_rows, units]
  BatchMatrix input_sum_gradient;      // [learned rows, gates * units]
  BatchMatrix recurrent_sum_gradient;  // [learned rows, gates * units]: of a GRU
};

/// Where the recurrent states are: those after a step `step_rows` rows behind those before it, or,
/// with 0, in their place.
struct CellStates {
  kernels::StridedBatch hidden, cell;
  std::int64_t step_rows;
};

class CellPass {
 public:
  CellPass(const NetworkLayout& layout, int agents, const StepShape& shape, CellBuffers buffers,
           const LinearOperations& operations);

  /// The zeros that sequences begin with.
  void clear_first_state(const Stream& stream) const;

  /// For a batch of single steps whose states outlive it: the first CellLayout::state_floats()
  /// columns of `states`.
  void keep_states_in(const kernels::StridedBatch& states);

  /// Where sequences begin.
  const CellStates& states() const { return states_; }

  kernels::StridedBatch output() const { return buffers_.output.view(); }

  /// With respect to the hidden values, to be filled before backward():
  /// [learned rows, units].
  kernels::StridedBatch hidden_gradient() const { return buffers_.hidden_gradient.view(); }

  /// Appends the gradients of both products' weights, after backward().
  void append_weight_gradients(kernels::ConstStridedBatch input, float* gradient,
                               std::vector<kernels::LinearBackwardWeight>& products) const;

  /// One network's cell with its input, and with its parameters.
  struct Operands {
    const CellPass& pass;
    const float* parameters;
    kernels::ConstStridedBatch input;
  };
  /// What layer 0 reads besides the hidden values to where it reads it.
  static void copy_inputs(std::span<const Operands> cells);

  /// Runs the cells of networks that do not need each other, step by step side by side.
  static void forward(std::span<const Operands> cells);

  /// Back through time, side by side. Rows whose weight is zero pass nothing back.
  ///   weights  [agents, rows]
  static void backward(std::span<const Operands> cells, const float* weights);

 private:
  kernels::LinearForward product(const LinearLayout& linear, const float* parameters, int rows,
                                 kernels::ConstStridedBatch input,
                                 kernels::StridedBatch sums) const;
  kernels::CopyColumns copied_columns(const Operands& operands, int first, int columns,
                                      int first_output) const;
  kernels::LinearForward recurrent_product(const float* parameters, int step) const;
  kernels::CellForward step_forward(int step) const;
  kernels::CellBackward step_backward(int step, const float* weights) const;
  kernels::LinearBackwardInput carry(const float* parameters, int step) const;
  const BatchMatrix& recurrent_sum_gradient() const;

  CellLayout cell_;
  int action_inputs_;    // that enter at layer 0 but not at the cell
  std::int64_t stride_;  // of the parameters
  int agents_;
  StepShape shape_;
  CellBuffers buffers_;
  CellStates states_;
  const LinearOperations& operations_;
};

}  // namespace polyak::cuda
