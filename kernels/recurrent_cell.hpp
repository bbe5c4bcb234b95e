// One time step of recurrent cells, forwards and backwards (polyak/core/recurrent_cell.hpp).
//
// The matrix products around it are layers like any other: before a step forwards x = W input + b
// and u = U hidden + b'; after a step backwards dL/du U, the gradient that the step before it gets
// as `carried`. A row is one sequence, or one environment.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>

#include "kernels/arrays.hpp"
#include "polyak/core/recurrent_cell.hpp"

namespace polyak::kernels {

inline constexpr int max_cells = 8;  // of one launch

/// One step of every agent's cell. gates = gate_count(kind). The sums are gate-major: column
/// g * units + u belongs to gate g of unit u. `hidden` may be the very matrix that is
/// hidden_before, and `cell` the one that is cell_before; nothing else may overlap.
struct CellForward {
  int agents, rows, units;
  PolicyKind kind;
  ConstStridedBatch input_sums;      // x: [rows, gates * units]
  ConstStridedBatch recurrent_sums;  // u: [rows, gates * units]
  ConstStridedBatch hidden_before;   // [rows, units]; read for a GRU only
  ConstStridedBatch cell_before;     // [rows, units]; read for an LSTM only
  StridedBatch hidden;               // [rows, units]
  StridedBatch hidden_copy;  // [rows, units]: once more, for the layers above; data may be null
  StridedBatch cell;         // [rows, units]; written for an LSTM only
  StridedBatch gates;        // [rows, (gates + 1) * units]: CellGates, gate-major, `memory` the
                             // last block of columns; for the way back; data may be null
};

/// The same step backwards: from the gradient of the state after it to those of its sums and of the
/// state before it.
struct CellBackward {
  int agents, rows, units;
  PolicyKind kind;
  ConstStridedBatch gates;            // as CellForward left them
  ConstStridedBatch hidden_before;    // [rows, units]; read for a GRU only
  ConstStridedBatch cell_before;      // [rows, units]; read for an LSTM only
  ConstStridedBatch hidden_gradient;  // [rows, units]: from the layers above
  // [rows, units]: dL/dhidden through the recurrent product of the step after; data is null at the
  // last step.
  ConstStridedBatch carried;
  // [rows, units]: CellGradient::before of the step after, an LSTM's dL/dcell or the part of a
  // GRU's dL/dhidden that does not go through the recurrent sums; replaced by this step's. Not read
  // at the last step.
  StridedBatch state_gradient;
  // [rows] per agent: a row with weight 0 passes nothing back; all its gradients are zero, whatever
  // comes in. The others' weight must be 1: the loss has it already.
  const float* weights;
  std::int64_t weights_agent_stride;
  StridedBatch input_sum_gradient;  // dL/dx: [rows, gates * units]
  StridedBatch
      recurrent_sum_gradient;  // dL/du: [rows, gates * units]; an LSTM's is dL/dx: not written
};

/// Up to max_cells cells that need nothing of each other, in one launch. They agree in agents and
/// kind; their other sizes may differ, and any may be zero.
cudaError_t launch_cell_forward(std::span<const CellForward> cells, cudaStream_t stream);
cudaError_t launch_cell_forward(const CellForward& cell, cudaStream_t stream);
cudaError_t launch_cell_backward(std::span<const CellBackward> cells, cudaStream_t stream);
cudaError_t launch_cell_backward(const CellBackward& cell, cudaStream_t stream);

}  // namespace polyak::kernels
