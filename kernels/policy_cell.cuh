#pragma once

// A policy's recurrent cell for several episodes side by side, by one block; the formulas are in
// polyak/core/recurrent_cell.hpp.
//
// In shared memory, every row [Episodes]:
//   input  [units: hidden | observation | action before | reward before]: the cell's input are its
//          last rows, layer 0's its first, so that neither is ever copied
//   cell   [units], of an LSTM
//   sums   [2][gates * units]: those of the input and those of the state before
// A thread computes one sum of all episodes at a time, then one unit of one episode. Bound, as the
// layers are, by reading the weights from the caches.

#include "kernels/policy_layers.cuh"
#include "polyak/core/recurrent_cell.hpp"

namespace polyak::kernels {

inline constexpr int state_floats = activation_floats / max_gates;  // units times episodes
static_assert(max_cell_units * 4 <= state_floats);

/// What layer 0 and the cell see, and then an LSTM's cells.
template <Environment E, int Episodes>
constexpr int input_floats = state_floats + (E::observation_size + E::action_size + 1) * Episodes;
template <Environment E, int Episodes>
constexpr int memory_floats = input_floats<E, Episodes> + state_floats;

/// One unit of one episode, whose sums of the first gate are `input_sums[0]` and
/// `recurrent_sums[0]` and those of the next `stride` floats further on.
template <PolicyKind kind>
__device__ CellState<float> step_unit(const float* input_sums, const float* recurrent_sums,
                                      int stride, const CellState<float>& before) {
  float x[gate_count(kind)], u[gate_count(kind)];
#pragma unroll
  for (int gate = 0; gate < gate_count(kind); ++gate) {
    x[gate] = input_sums[gate * stride];
    u[gate] = recurrent_sums[gate * stride];
  }
  return cell_step<kind>(x, u, before).state;
}

/// One step of the cell. Begins with a barrier; the next barrier must come before anything reads
/// the new state.
template <int Episodes>
__device__ void run_cell(const PolicyCell& cell, const float* parameters, float* hidden,
                         float* cells, float (*sums)[activation_floats]) {
  const int state_size = cell.units * Episodes;
  const int outputs = gate_count(cell.kind) * cell.units;
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < 2 * outputs; i += episode_threads) {
    const bool recurrent = i >= outputs;
    const int output = recurrent ? i - outputs : i;
    const int inputs = recurrent ? cell.units : cell.inputs;
    const std::int64_t weights =
        recurrent ? cell.recurrent_weight_offset : cell.input_weight_offset;
    const std::int64_t biases = recurrent ? cell.recurrent_bias_offset : cell.input_bias_offset;
    compute_output<Episodes>(parameters + weights + static_cast<std::int64_t>(output) * inputs,
                             inputs, outputs, parameters[biases + output], Activation::identity,
                             recurrent ? hidden : hidden + state_size,
                             sums[recurrent ? 1 : 0] + output * Episodes);
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < state_size; i += episode_threads) {
    const CellState<float> before{hidden[i], cells[i]};
    const CellState<float> after =
        cell.kind == PolicyKind::lstm
            ? step_unit<PolicyKind::lstm>(sums[0] + i, sums[1] + i, state_size, before)
            : step_unit<PolicyKind::gru>(sums[0] + i, sums[1] + i, state_size, before);
    hidden[i] = after.hidden;
    cells[i] = after.cell;
  }
}

}  // namespace polyak::kernels
