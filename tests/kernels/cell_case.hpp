// One time step of a recurrent cell of several agents, for the tests of its kernels: what goes in,
// the buffers, and the step in double precision.
#pragma once

#include <array>
#include <cmath>

#include "kernels/kernel_test.hpp"
#include "kernels/recurrent_cell.hpp"

namespace polyak::test {

inline constexpr PolicyKind cell_kinds[] = {PolicyKind::lstm, PolicyKind::gru};

struct CellSize {
  int agents, rows, units;
};

/// One unit of one row: its sums and its state before the step.
struct UnitInput {
  std::array<double, 4> x{}, u{};
  double hidden = 0.0, cell = 0.0;
};

/// What the step makes of it.
struct UnitOutput {
  std::array<double, 4> gates{};
  double memory = 0.0, hidden = 0.0, cell = 0.0;
};

/// The step as PyTorch's documentation of LSTM and GRU has it.
inline UnitOutput reference_step(PolicyKind kind, const UnitInput& in) {
  const auto logistic = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  UnitOutput out;
  if (kind == PolicyKind::lstm) {
    const double i = logistic(in.x[0] + in.u[0]), f = logistic(in.x[1] + in.u[1]);
    const double g = std::tanh(in.x[2] + in.u[2]), o = logistic(in.x[3] + in.u[3]);
    out.cell = f * in.cell + i * g;
    out.hidden = o * std::tanh(out.cell);
    out.gates = {i, f, g, o};
    out.memory = std::tanh(out.cell);
  } else {
    const double r = logistic(in.x[0] + in.u[0]), z = logistic(in.x[1] + in.u[1]);
    const double n = std::tanh(in.x[2] + r * in.u[2]);
    out.hidden = (1.0 - z) * n + z * in.hidden;
    out.gates = {r, z, n, 0.0};
    out.memory = in.u[2];
  }
  return out;
}

/// A step's buffers on the device, filled with random numbers.
class CellCase {
 public:
  CellCase(PolicyKind kind, const CellSize& size, unsigned seed = 1)
      : kind_(kind),
        size_(size),
        gates_(gate_count(kind)),
        input_sum_values(values(gates_, seed, 3.0f)),
        recurrent_sum_values(values(gates_, seed + 1, 3.0f)),
        hidden_values(values(1, seed + 2, 1.0f)),
        cell_values(values(1, seed + 3, 2.0f)),
        input_sums(matrix(gates_, 3, input_sum_values)),
        recurrent_sums(matrix(gates_, 2, recurrent_sum_values)),
        hidden_before(matrix(1, 1, hidden_values)),
        cell_before(matrix(1, 5, cell_values)),
        hidden(matrix(1, 4, {})),
        hidden_copy(matrix(1, 7, {})),
        cell(matrix(1, 2, {})),
        gates(matrix(gates_ + 1, 1, {})) {}

  /// With everything that the kind of cell has, and no more.
  kernels::CellForward forward() const {
    const bool lstm = kind_ == PolicyKind::lstm;
    const kernels::StridedBatch nothing{nullptr, 0, 0};
    return {size_.agents,
            size_.rows,
            size_.units,
            kind_,
            input_sums.view(),
            recurrent_sums.view(),
            lstm ? nothing : hidden_before.view(),
            lstm ? cell_before.view() : nothing,
            hidden.view(),
            hidden_copy.view(),
            lstm ? cell.view() : nothing,
            gates.view()};
  }

  /// Element `i` of [agents, rows, units].
  UnitInput input(std::size_t i) const {
    UnitInput unit{{}, {}, hidden_values[i], cell_values[i]};
    for (int gate = 0; gate < gates_; ++gate) {
      const auto g = static_cast<std::size_t>(gate);
      unit.x[g] = input_sum_values[place(i, gate, gates_)];
      unit.u[g] = recurrent_sum_values[place(i, gate, gates_)];
    }
    return unit;
  }

  /// Where gate `gate` of element `i` is in [agents, rows, blocks * units].
  std::size_t place(std::size_t i, int gate, int blocks) const {
    const auto units = static_cast<std::size_t>(size_.units);
    return (i / units * static_cast<std::size_t>(blocks) + static_cast<std::size_t>(gate)) * units +
           i % units;
  }

  std::vector<float> values(int blocks, unsigned seed, float range) const {
    std::vector<float> result = random_values(elements() * static_cast<std::size_t>(blocks), seed);
    for (float& value : result) value *= range;
    return result;
  }
  MatrixBuffer matrix(int blocks, int padding, const std::vector<float>& contents) const {
    return {size_.agents, size_.rows, blocks * size_.units, padding, contents};
  }
  std::size_t elements() const {
    return static_cast<std::size_t>(size_.agents * size_.rows * size_.units);
  }
  int gate_number() const { return gates_; }

 private:
  PolicyKind kind_;
  CellSize size_;
  int gates_;

 public:
  std::vector<float> input_sum_values, recurrent_sum_values, hidden_values, cell_values;
  MatrixBuffer input_sums, recurrent_sums, hidden_before, cell_before;
  MatrixBuffer hidden, hidden_copy, cell, gates;
};

}  // namespace polyak::test
