#include "backend/cpu/cell_pass.hpp"

#include <algorithm>

#include "backend/cpu/linear_product.hpp"
#include "backend/cpu/vector_math.hpp"

namespace polyak::cpu {
namespace {

void clear_columns(PanelMatrix& values, std::ptrdiff_t column, std::ptrdiff_t width) {
  for (std::ptrdiff_t row = 0; row < values.features(); ++row) {
    for (std::ptrdiff_t i = column; i < column + width; ++i) values(row, i) = 0.0f;
  }
}

}  // namespace

CellPass::CellPass(const NetworkLayout& layout, const BatchShape& shape)
    : cell_(*layout.cell),
      action_rows_(layout.layers.front().inputs - cell_.units - cell_.observation_size),
      shape_(shape),
      output_(layout.layers.front().inputs, shape.columns()),
      input_sums_(cell_.input.outputs, shape.columns()),
      recurrent_sums_(cell_.input.outputs, shape.columns()),
      hidden_before_(cell_.units, shape.columns()),
      gates_(cell_.input.outputs + cell_.units, shape.columns()),
      hidden_delta_(cell_.units, shape.columns()),
      input_sum_delta_(cell_.input.outputs, shape.columns()),
      carried_(cell_.units, shape.columns()),
      state_delta_(cell_.units, shape.columns()) {
  if (cell_.kind == PolicyKind::lstm) cell_before_ = PanelMatrix(cell_.units, shape.columns());
  if (cell_.kind == PolicyKind::gru) {
    recurrent_sum_delta_ = PanelMatrix(cell_.input.outputs, shape.columns());
  }
}

const PanelMatrix& CellPass::recurrent_sum_delta() const {
  return cell_.kind == PolicyKind::gru ? recurrent_sum_delta_ : input_sum_delta_;
}

void CellPass::forward(const float* parameters, const PanelMatrix& input, Chunk chunk) {
  matrix_product(forward_product(cell_.input, parameters, input, input_sums_, chunk.begin,
                                 round_up(chunk.count, lanes)));
  const std::ptrdiff_t width = round_up(shape_.step_width(chunk), lanes);
  for (std::ptrdiff_t step = 0; step < shape_.steps(); ++step) {
    const std::ptrdiff_t column = chunk.begin + step * width;
    // Single rows keep their state where the next pass finds it; a sequence's last is of no use.
    const bool is_last = step + 1 == shape_.steps();
    const std::ptrdiff_t next = !is_last ? column + width : shape_.steps() == 1 ? column : -1;
    matrix_product(forward_product(cell_.recurrent, parameters, hidden_before_, recurrent_sums_,
                                   column, width));
    if (cell_.kind == PolicyKind::lstm) {
      step_forward<PolicyKind::lstm>(column, next, width);
    } else {
      step_forward<PolicyKind::gru>(column, next, width);
    }
  }
}

void CellPass::copy_inputs(const PanelMatrix& input, Chunk chunk) {
  const auto copy_row = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
    for (std::ptrdiff_t column = chunk.begin; column < chunk.begin + chunk.count; ++column) {
      output_(to, column) = input(from, column);
    }
  };
  for (std::ptrdiff_t row = 0; row < cell_.observation_size; ++row) {
    copy_row(row, cell_.units + row);
  }
  for (std::ptrdiff_t row = 0; row < action_rows_; ++row) {
    copy_row(cell_.input.inputs + row, cell_.units + cell_.observation_size + row);
  }
}

template <PolicyKind kind>
void CellPass::step_forward(std::ptrdiff_t column, std::ptrdiff_t next_column,
                            std::ptrdiff_t width) {
  constexpr int gates = gate_count(kind);
  const std::ptrdiff_t units = cell_.units;
  for (std::ptrdiff_t i = 0; i < width; i += lanes) {
    for (std::ptrdiff_t unit = 0; unit < units; ++unit) {
      Vector input_sums[gates], recurrent_sums[gates];
      for (int gate = 0; gate < gates; ++gate) {
        input_sums[gate] = load(&input_sums_(gate * units + unit, column + i));
        recurrent_sums[gate] = load(&recurrent_sums_(gate * units + unit, column + i));
      }
      CellState<Vector> before{load(&hidden_before_(unit, column + i)), Vector{}};
      if constexpr (kind == PolicyKind::lstm) before.cell = load(&cell_before_(unit, column + i));
      const CellStep<Vector> step = cell_step<kind>(input_sums, recurrent_sums, before);
      for (int gate = 0; gate < gates; ++gate) {
        store(&gates_(gate * units + unit, column + i), step.gates.gates[gate]);
      }
      store(&gates_(gates * units + unit, column + i), step.gates.memory);
      store(&output_(unit, column + i), step.state.hidden);
      if (next_column < 0) continue;
      store(&hidden_before_(unit, next_column + i), step.state.hidden);
      if constexpr (kind == PolicyKind::lstm) {
        store(&cell_before_(unit, next_column + i), step.state.cell);
      }
    }
  }
}

void CellPass::backward(const float* parameters, const float* weights, Chunk chunk) {
  const std::ptrdiff_t width = shape_.step_width(chunk);
  clear_columns(carried_, chunk.begin, width);
  clear_columns(state_delta_, chunk.begin, width);
  for (std::ptrdiff_t step = shape_.steps() - 1; step >= 0; --step) {
    const std::ptrdiff_t column = chunk.begin + step * width;
    if (cell_.kind == PolicyKind::lstm) {
      step_backward<PolicyKind::lstm>(column, chunk.begin, width, weights);
    } else {
      step_backward<PolicyKind::gru>(column, chunk.begin, width, weights);
    }
    if (step > 0) {
      matrix_product(backward_product(cell_.recurrent, parameters, 0, cell_.units,
                                      {recurrent_sum_delta(), column}, carried_, chunk.begin,
                                      width));
    }
  }
}

template <PolicyKind kind>
void CellPass::step_backward(std::ptrdiff_t column, std::ptrdiff_t carried_column,
                             std::ptrdiff_t width, const float* weights) {
  constexpr int gates = gate_count(kind);
  const std::ptrdiff_t units = cell_.units;
  for (std::ptrdiff_t i = 0; i < width; i += lanes) {
    const auto is_learned = load(weights + column + i) > 0.0f;
    const auto if_learned = [&](Vector value) { return is_learned ? value : Vector{}; };
    for (std::ptrdiff_t unit = 0; unit < units; ++unit) {
      CellGates<Vector> at{};
      for (int gate = 0; gate < gates; ++gate) {
        at.gates[gate] = load(&gates_(gate * units + unit, column + i));
      }
      at.memory = load(&gates_(gates * units + unit, column + i));
      CellState<Vector> before{load(&hidden_before_(unit, column + i)), Vector{}};
      float* const state_delta = &state_delta_(unit, carried_column + i);
      CellState<Vector> delta{
          load(&hidden_delta_(unit, column + i)) + load(&carried_(unit, carried_column + i)),
          Vector{}};
      if constexpr (kind == PolicyKind::lstm) {
        before.cell = load(&cell_before_(unit, column + i));
        delta.cell = load(state_delta);
      } else {
        delta.hidden += load(state_delta);
      }
      const CellGradient<Vector> gradient = cell_step_backward<kind>(at, before, delta);
      for (int gate = 0; gate < gates; ++gate) {
        const std::ptrdiff_t row = gate * units + unit;
        store(&input_sum_delta_(row, column + i), if_learned(gradient.input_sums[gate]));
        if constexpr (kind == PolicyKind::gru) {
          store(&recurrent_sum_delta_(row, column + i), if_learned(gradient.recurrent_sums[gate]));
        }
      }
      store(state_delta,
            if_learned(kind == PolicyKind::lstm ? gradient.before.cell : gradient.before.hidden));
    }
  }
}

void CellPass::set_state(std::ptrdiff_t column, const float* state) {
  for (int unit = 0; unit < cell_.units; ++unit) {
    hidden_before_(unit, column) = state[unit];
    if (cell_.kind == PolicyKind::lstm) cell_before_(unit, column) = state[cell_.units + unit];
  }
}

void CellPass::copy_state(std::ptrdiff_t column, float* state) const {
  for (int unit = 0; unit < cell_.units; ++unit) {
    state[unit] = hidden_before_(unit, column);
    if (cell_.kind == PolicyKind::lstm) state[cell_.units + unit] = cell_before_(unit, column);
  }
}

}  // namespace polyak::cpu
