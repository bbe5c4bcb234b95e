// Forward and backward passes of the recurrent cell in front of a network on the CPU
// (polyak/core/recurrent_cell.hpp).
#pragma once

#include "agent/agent.hpp"
#include "backend/cpu/batch_shape.hpp"
#include "backend/cpu/panel_matrix.hpp"

namespace polyak::cpu {

class CellPass {
 public:
  /// For a layout with a cell. The recurrent state before a batch is zero until it is set. A batch
  /// of single rows replaces it by the state after the step, so that passes can follow each other.
  CellPass(const NetworkLayout& layout, const BatchShape& shape);

  /// The observation, and what enters at layer 0 behind it, to where layer 0 reads them.
  void copy_inputs(const PanelMatrix& input, Chunk chunk);

  /// Runs the cell over the steps of one chunk. `parameters` and `input` are the network's.
  void forward(const float* parameters, const PanelMatrix& input, Chunk chunk);

  /// What the network's layer 0 reads: [hidden | observation], and behind them the inputs that
  /// enter there but not at the cell.
  const PanelMatrix& output() const { return output_; }

  /// dLoss/dHidden that comes from the layers: [units, columns]. To be filled before backward().
  PanelMatrix& hidden_delta() { return hidden_delta_; }

  /// Back through time over one chunk (Werbos 1990), to the sums of both products. Columns whose
  /// weight is zero, burn-in and padding, pass nothing back.
  ///   weights  [columns]
  void backward(const float* parameters, const float* weights, Chunk chunk);

  /// The recurrent state before the first step of a column: CellLayout::state_floats() values. In a
  /// batch of single rows, after forward(), that after the step.
  void set_state(std::ptrdiff_t column, const float* state);
  void copy_state(std::ptrdiff_t column, float* state) const;

  /// What the weight gradients are made of: of the input's product, or of the recurrent one.
  const PanelMatrix& input_sum_delta() const { return input_sum_delta_; }
  const PanelMatrix& recurrent_sum_delta() const;
  const PanelMatrix& hidden_before() const { return hidden_before_; }

 private:
  /// next_column: where the state after the step goes; below zero: nowhere.
  template <PolicyKind kind>
  void step_forward(std::ptrdiff_t column, std::ptrdiff_t next_column, std::ptrdiff_t width);
  template <PolicyKind kind>
  void step_backward(std::ptrdiff_t column, std::ptrdiff_t carried_column, std::ptrdiff_t width,
                     const float* weights);

  CellLayout cell_;
  std::ptrdiff_t action_rows_;  // of inputs that enter at layer 0 but not at the cell
  BatchShape shape_;
  PanelMatrix output_;               // [units + observation_size + action_rows, columns]
  PanelMatrix input_sums_;           // [gates * units, columns]
  PanelMatrix recurrent_sums_;       // [gates * units, columns]
  PanelMatrix hidden_before_;        // [units, columns]
  PanelMatrix cell_before_;          // [units, columns]: of an LSTM
  PanelMatrix gates_;                // [(gates + 1) * units, columns]: CellGates
  PanelMatrix hidden_delta_;         // [units, columns]
  PanelMatrix input_sum_delta_;      // [gates * units, columns]
  PanelMatrix recurrent_sum_delta_;  // [gates * units, columns]: of a GRU
  // Gradients on their way from step to step, in the columns of a chunk's first step.
  PanelMatrix carried_;      // [units, columns]: through the recurrent product
  PanelMatrix state_delta_;  // [units, columns]: beside it, CellGradient::before
};

}  // namespace polyak::cpu
