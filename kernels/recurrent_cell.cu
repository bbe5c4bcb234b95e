// Recurrent cells, one time step at a time: LSTM (Hochreiter & Schmidhuber 1997, with Gers et al.
// 2000's forget gate) and GRU (Cho et al. 2014), as PyTorch's; with s = x + u
//
//   LSTM  i, f, o = sigmoid(s_i, s_f, s_o);  g = tanh(s_g);  c = f c' + i g;  h = o tanh(c)
//   GRU   r, z = sigmoid(s_r, s_z);  n = tanh(x_n + r u_n);  h = (1 - z) n + z h'
//
// and their derivatives (polyak/core/recurrent_cell.hpp).
//
//   sums and their gradients [rows, gates * units], gates [rows, (gates + 1) * units], everything
//   else [rows, units], per agent (recurrent_cell.hpp).
//
// Both kernels: one thread per unit of a row; grid (blocks of all cells, agents). Neighbouring
// threads have neighbouring units, so that each of a thread's loads is one of a whole line by its
// warp. Bound by latency at the sizes of a time step, by memory beyond.
#include <limits>

#include "kernels/agent_views.cuh"
#include "kernels/launch.cuh"
#include "kernels/layer_group.cuh"
#include "kernels/recurrent_cell.hpp"

namespace polyak::kernels {
namespace {

static_assert(max_cells <= max_layers_in_group);

constexpr int threads = 128;

/// A thread's place in a cell.
struct CellPlace {
  int row, unit;

  /// The thread's unit's element in block `block` of the row's columns.
  template <class Cell, class Matrix>
  __device__ auto& in(const Cell& cell, const Matrix& matrix, int block = 0) const {
    return row_of(matrix, blockIdx.y, row)[block * std::int64_t{cell.units} + unit];
  }
};

/// The cell's thread number `thread`; a row beyond the last where there is nothing to do.
template <class Cell>
__device__ CellPlace cell_place(const Cell& cell, int block) {
  const unsigned element = static_cast<unsigned>(block) * threads + threadIdx.x;
  const unsigned units = static_cast<unsigned>(cell.units);
  return {static_cast<int>(element / units), static_cast<int>(element % units)};
}

/// As much of the state before a step as the kind's formulas need.
template <PolicyKind kind, class Cell>
__device__ CellState<float> state_before(const Cell& cell, const CellPlace& place) {
  if constexpr (kind == PolicyKind::lstm) return {0.0f, place.in(cell, cell.cell_before)};
  return {place.in(cell, cell.hidden_before), 0.0f};
}

template <PolicyKind kind>
__global__ void __launch_bounds__(threads) cell_forward(const LayerGroup<CellForward> group) {
  wait_for_previous_kernel();
  const auto [number, block] = layer_block(group);
  const CellForward& cell = group.layers[number];
  const CellPlace place = cell_place(cell, block);
  if (place.row >= cell.rows) return;
  constexpr int gates = gate_count(kind);
  float input_sums[gates], recurrent_sums[gates];
  for (int gate = 0; gate < gates; ++gate) {
    input_sums[gate] = place.in(cell, cell.input_sums, gate);
    recurrent_sums[gate] = place.in(cell, cell.recurrent_sums, gate);
  }
  // What may be overwritten is read by the same thread before.
  const CellState<float> before = state_before<kind>(cell, place);
  const CellStep<float> step = cell_step<kind>(input_sums, recurrent_sums, before);
  place.in(cell, cell.hidden) = step.state.hidden;
  if (cell.hidden_copy.data != nullptr) place.in(cell, cell.hidden_copy) = step.state.hidden;
  if constexpr (kind == PolicyKind::lstm) place.in(cell, cell.cell) = step.state.cell;
  if (cell.gates.data == nullptr) return;
  for (int gate = 0; gate < gates; ++gate) {
    place.in(cell, cell.gates, gate) = step.gates.gates[gate];
  }
  place.in(cell, cell.gates, gates) = step.gates.memory;
}

/// The gradient of the state after the step: what the layers above and the step after want of it.
template <PolicyKind kind>
__device__ CellState<float> state_gradient(const CellBackward& cell, const CellPlace& place) {
  CellState<float> gradient{place.in(cell, cell.hidden_gradient), 0.0f};
  if (cell.carried.data == nullptr) return gradient;
  gradient.hidden += place.in(cell, cell.carried);
  const float direct = place.in(cell, cell.state_gradient);
  (kind == PolicyKind::lstm ? gradient.cell : gradient.hidden) += direct;
  return gradient;
}

template <PolicyKind kind>
__global__ void __launch_bounds__(threads) cell_backward(const LayerGroup<CellBackward> group) {
  wait_for_previous_kernel();
  const auto [number, block] = layer_block(group);
  const CellBackward& cell = group.layers[number];
  const CellPlace place = cell_place(cell, block);
  if (place.row >= cell.rows) return;
  constexpr int gates = gate_count(kind);
  constexpr bool lstm = kind == PolicyKind::lstm;
  CellGradient<float> result{};
  if (cell.weights[blockIdx.y * cell.weights_agent_stride + place.row] != 0.0f) {
    CellGates<float> values{};
    for (int gate = 0; gate < gates; ++gate) values.gates[gate] = place.in(cell, cell.gates, gate);
    values.memory = place.in(cell, cell.gates, gates);
    result = cell_step_backward<kind>(values, state_before<kind>(cell, place),
                                      state_gradient<kind>(cell, place));
  }
  for (int gate = 0; gate < gates; ++gate) {
    place.in(cell, cell.input_sum_gradient, gate) = result.input_sums[gate];
    if constexpr (!lstm) {
      place.in(cell, cell.recurrent_sum_gradient, gate) = result.recurrent_sums[gate];
    }
  }
  place.in(cell, cell.state_gradient) = lstm ? result.before.cell : result.before.hidden;
}

/// Launches all cells that have anything to do: `lstm` or `gru`, whichever kernel is for them.
template <class Cell, class Kernel>
cudaError_t launch_cells(std::span<const Cell> cells, Kernel lstm, Kernel gru,
                         cudaStream_t stream) {
  if (cells.size() > max_cells) return cudaErrorInvalidValue;
  LayerGroup<Cell> group;
  for (const Cell& cell : cells) {
    const std::int64_t elements = std::int64_t{cell.rows} * cell.units;
    // A cell's threads are counted in 32 bits.
    const bool fits = elements <= std::numeric_limits<int>::max() - threads;
    if (cell.agents != cells[0].agents || cell.kind != cells[0].kind || !fits ||
        cell.kind == PolicyKind::feed_forward) {
      return cudaErrorInvalidValue;
    }
    if (elements > 0) group.add(cell, divide_up(elements, threads));
  }
  if (group.count == 0 || group.layers[0].agents == 0) return cudaSuccess;
  const cudaLaunchConfig_t config = launch_config(group.grid(), threads, stream);
  return cudaLaunchKernelEx(&config, cells[0].kind == PolicyKind::lstm ? lstm : gru, group);
}

}  // namespace

cudaError_t launch_cell_forward(std::span<const CellForward> cells, cudaStream_t stream) {
  return launch_cells(cells, cell_forward<PolicyKind::lstm>, cell_forward<PolicyKind::gru>, stream);
}

cudaError_t launch_cell_forward(const CellForward& cell, cudaStream_t stream) {
  return launch_cell_forward(std::span(&cell, 1), stream);
}

cudaError_t launch_cell_backward(std::span<const CellBackward> cells, cudaStream_t stream) {
  return launch_cells(cells, cell_backward<PolicyKind::lstm>, cell_backward<PolicyKind::gru>,
                      stream);
}

cudaError_t launch_cell_backward(const CellBackward& cell, cudaStream_t stream) {
  return launch_cell_backward(std::span(&cell, 1), stream);
}

}  // namespace polyak::kernels
