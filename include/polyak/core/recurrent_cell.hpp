// The recurrent cells, one unit of one row at a time; shared by CPU and GPU, whose vector
// registers are a Value too.
//
//   LSTM (Hochreiter & Schmidhuber 1997, with Gers et al. 2000's forget gate), as PyTorch's:
//     i, f, o = sigmoid(s_i), sigmoid(s_f), sigmoid(s_o);  g = tanh(s_g)
//     c = f c' + i g;  h = o tanh(c)
//   GRU (Cho et al. 2014, in the form with one matrix product per step), as PyTorch's:
//     r, z = sigmoid(x_r + u_r), sigmoid(x_z + u_z);  n = tanh(x_n + r u_n)
//     h = (1 - z) n + z h'
//
// with the sums x = W x_t + b of the step's input, u = U h' + b' of the state before, and s = x +
// u.
#pragma once

#include "polyak/core/elementary_functions.hpp"

namespace polyak {

/// What remembers past observations: nothing, or a cell in front of every network.
enum class PolicyKind : int { feed_forward, lstm, gru };

/// Sums per unit, in PyTorch's order: input, forget, candidate, output; or reset, update, new.
POLYAK_HOST_DEVICE constexpr int gate_count(PolicyKind kind) {
  return kind == PolicyKind::lstm ? 4 : kind == PolicyKind::gru ? 3 : 0;
}
inline constexpr int max_gates = 4;

/// Values that a unit carries from step to step: hidden, and an LSTM's cell behind all hidden ones.
POLYAK_HOST_DEVICE constexpr int state_values(PolicyKind kind) {
  return kind == PolicyKind::lstm ? 2 : kind == PolicyKind::gru ? 1 : 0;
}

/// One unit's state.
template <class Value>
struct CellState {
  Value hidden, cell;  // cell: of an LSTM
};

/// The gates after their activations, in the order of the sums. `memory` is what the backward pass
/// needs besides: an LSTM's tanh(c), a GRU's u_n.
template <class Value>
struct CellGates {
  Value gates[max_gates];
  Value memory;
};

template <class Value>
struct CellStep {
  CellGates<Value> gates;
  CellState<Value> state;
};

/// One step forwards.
///   input_sums, recurrent_sums  x and u: [gate_count]
template <PolicyKind kind, class Value>
POLYAK_HOST_DEVICE CellStep<Value> cell_step(const Value* input_sums, const Value* recurrent_sums,
                                             const CellState<Value>& before) {
  using Arithmetic = IeeeArithmetic<Value>;
  CellStep<Value> step{};
  Value* const gates = step.gates.gates;
  if constexpr (kind == PolicyKind::lstm) {
    gates[0] = logistic(input_sums[0] + recurrent_sums[0]);
    gates[1] = logistic(input_sums[1] + recurrent_sums[1]);
    gates[2] = hyperbolic_tangent(input_sums[2] + recurrent_sums[2]);
    gates[3] = logistic(input_sums[3] + recurrent_sums[3]);
    step.state.cell = Arithmetic::multiply_add(gates[1], before.cell, gates[0] * gates[2]);
    step.gates.memory = hyperbolic_tangent(step.state.cell);
    step.state.hidden = gates[3] * step.gates.memory;
  } else {
    gates[0] = logistic(input_sums[0] + recurrent_sums[0]);
    gates[1] = logistic(input_sums[1] + recurrent_sums[1]);
    gates[2] =
        hyperbolic_tangent(Arithmetic::multiply_add(gates[0], recurrent_sums[2], input_sums[2]));
    step.gates.memory = recurrent_sums[2];
    step.state.hidden = Arithmetic::multiply_add(gates[1], before.hidden - gates[2], gates[2]);
  }
  return step;
}

/// What a step passes back: the gradients of its sums, and of the state before it but for what goes
/// through the recurrent sums.
template <class Value>
struct CellGradient {
  Value input_sums[max_gates], recurrent_sums[max_gates];
  CellState<Value> before;
};

/// One step backwards.
///   gradient  of the state after the step
template <PolicyKind kind, class Value>
POLYAK_HOST_DEVICE CellGradient<Value> cell_step_backward(const CellGates<Value>& gates,
                                                          const CellState<Value>& before,
                                                          const CellState<Value>& gradient) {
  CellGradient<Value> result{};
  const Value* const g = gates.gates;
  if constexpr (kind == PolicyKind::lstm) {
    const Value tanh_cell = gates.memory;
    const Value cell = gradient.cell + gradient.hidden * g[3] * (1.0f - tanh_cell * tanh_cell);
    result.input_sums[0] = cell * g[2] * (g[0] * (1.0f - g[0]));
    result.input_sums[1] = cell * before.cell * (g[1] * (1.0f - g[1]));
    result.input_sums[2] = cell * g[0] * (1.0f - g[2] * g[2]);
    result.input_sums[3] = gradient.hidden * tanh_cell * (g[3] * (1.0f - g[3]));
    for (int i = 0; i < 4; ++i) result.recurrent_sums[i] = result.input_sums[i];
    result.before.cell = cell * g[1];
  } else {
    const Value recurrent_new = gates.memory;
    const Value new_sum = gradient.hidden * (1.0f - g[1]) * (1.0f - g[2] * g[2]);
    result.input_sums[0] = new_sum * recurrent_new * (g[0] * (1.0f - g[0]));
    result.input_sums[1] = gradient.hidden * (before.hidden - g[2]) * (g[1] * (1.0f - g[1]));
    result.input_sums[2] = new_sum;
    result.recurrent_sums[0] = result.input_sums[0];
    result.recurrent_sums[1] = result.input_sums[1];
    result.recurrent_sums[2] = new_sum * g[0];
    result.before.hidden = gradient.hidden * g[1];
  }
  return result;
}

}  // namespace polyak
