#include "oracle/recurrent.hpp"

#include <cmath>

namespace polyak::oracle {
namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double sigmoid_slope(double x) { return sigmoid(x) * sigmoid(-x); }
double tanh_slope(double x) { return 1.0 / (std::cosh(x) * std::cosh(x)); }

std::size_t units_of(const Network& network) { return static_cast<std::size_t>(network[1].inputs); }

/// An LSTM has four sums a unit, a GRU three.
bool is_lstm(const Network& network) { return network[1].outputs == 4 * network[1].inputs; }

std::span<const Layer> product(const Network& network, std::size_t index) {
  return std::span(network).subspan(index, 1);
}

/// One unit's sums x = W x_t + b and u = U h + b', gate by gate.
struct UnitSums {
  UnitSums(const CellPass& pass, std::size_t unit) {
    const std::size_t units = pass.before.hidden.size();
    for (std::size_t at = unit; at < pass.input.output.size(); at += units) {
      x.push_back(pass.input.output[at]);
      u.push_back(pass.recurrent.output[at]);
    }
  }
  double both(std::size_t gate) const { return x[gate] + u[gate]; }

  std::vector<double> x, u;
};

/// Gates in the order input, forget, candidate, output.
void lstm_forward(CellPass& pass) {
  for (std::size_t unit = 0; unit < pass.before.hidden.size(); ++unit) {
    const UnitSums s(pass, unit);
    const double cell =
        sigmoid(s.both(1)) * pass.before.cell[unit] + sigmoid(s.both(0)) * std::tanh(s.both(2));
    pass.after.cell[unit] = cell;
    pass.after.hidden[unit] = sigmoid(s.both(3)) * std::tanh(cell);
  }
}

/// Gates in the order reset, update, new.
void gru_forward(CellPass& pass) {
  for (std::size_t unit = 0; unit < pass.before.hidden.size(); ++unit) {
    const UnitSums s(pass, unit);
    const double update = sigmoid(s.both(1));
    const double candidate = std::tanh(s.x[2] + sigmoid(s.both(0)) * s.u[2]);
    pass.after.hidden[unit] = (1.0 - update) * candidate + update * pass.before.hidden[unit];
  }
}

/// The gradients of all sums, and of the state before but for what goes through the sums.
struct SumGradients {
  std::vector<double> x, u;  // [gates * units]
  CellState before;
};

SumGradients lstm_backward(const CellPass& pass, const CellState& after) {
  const std::size_t units = pass.before.hidden.size();
  SumGradients result{std::vector<double>(4 * units), {}, pass.before};
  for (std::size_t unit = 0; unit < units; ++unit) {
    const UnitSums s(pass, unit);
    const double hidden = after.hidden[unit], cell_after = pass.after.cell[unit];
    const double cell = after.cell[unit] + hidden * sigmoid(s.both(3)) * tanh_slope(cell_after);
    double* const sums = &result.x[unit];
    sums[0 * units] = cell * sigmoid_slope(s.both(0)) * std::tanh(s.both(2));
    sums[1 * units] = cell * sigmoid_slope(s.both(1)) * pass.before.cell[unit];
    sums[2 * units] = cell * sigmoid(s.both(0)) * tanh_slope(s.both(2));
    sums[3 * units] = hidden * sigmoid_slope(s.both(3)) * std::tanh(cell_after);
    result.before.cell[unit] = cell * sigmoid(s.both(1));
    result.before.hidden[unit] = 0.0;
  }
  result.u = result.x;
  return result;
}

SumGradients gru_backward(const CellPass& pass, const CellState& after) {
  const std::size_t units = pass.before.hidden.size();
  SumGradients result{std::vector<double>(3 * units), std::vector<double>(3 * units), pass.before};
  for (std::size_t unit = 0; unit < units; ++unit) {
    const UnitSums s(pass, unit);
    const double reset = sigmoid(s.both(0)), update = sigmoid(s.both(1));
    const double argument = s.x[2] + reset * s.u[2], hidden = after.hidden[unit];
    const double candidate = hidden * (1.0 - update) * tanh_slope(argument);
    const double kept = pass.before.hidden[unit] - std::tanh(argument);
    double *const x = &result.x[unit], *const u = &result.u[unit];
    x[0 * units] = u[0 * units] = candidate * s.u[2] * sigmoid_slope(s.both(0));
    x[1 * units] = u[1 * units] = hidden * kept * sigmoid_slope(s.both(1));
    x[2 * units] = candidate;
    u[2 * units] = candidate * reset;
    result.before.hidden[unit] = hidden * update;
  }
  return result;
}

void add(std::vector<double>& sum, const std::vector<double>& values) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += values[i];
}

}  // namespace

CellState zero_state(const Network& network) {
  const std::size_t units = units_of(network);
  return {std::vector<double>(units, 0.0), std::vector<double>(is_lstm(network) ? units : 0, 0.0)};
}

CellPass cell_forward(const Network& network, const std::vector<double>& input,
                      const CellState& before) {
  CellPass pass{before, before, forward(product(network, 0), input),
                forward(product(network, 1), before.hidden)};
  is_lstm(network) ? lstm_forward(pass) : gru_forward(pass);
  return pass;
}

CellState cell_backward(const Network& network, const CellPass& pass, const CellState& after,
                        Network& gradient) {
  SumGradients sums = is_lstm(network) ? lstm_backward(pass, after) : gru_backward(pass, after);
  backward(product(network, 0), pass.input, sums.x, {&gradient[0], 1});
  add(sums.before.hidden, backward(product(network, 1), pass.recurrent, sums.u, {&gradient[1], 1}));
  return sums.before;
}

std::vector<CellPass> run_cell(const Network& network,
                               const std::vector<std::vector<double>>& inputs, CellState state) {
  std::vector<CellPass> passes;
  for (const std::vector<double>& input : inputs) {
    passes.push_back(cell_forward(network, input, state));
    state = passes.back().after;
  }
  return passes;
}

void backward_through_time(const Network& network, const std::vector<CellPass>& passes,
                           const std::vector<std::vector<double>>& hidden_gradients,
                           std::size_t first, Network& gradient) {
  CellState state = zero_state(network);
  for (std::size_t t = passes.size(); t-- > first;) {
    add(state.hidden, hidden_gradients[t]);
    state = cell_backward(network, passes[t], state, gradient);
  }
}

std::span<const Layer> layers_of(const Network& network) { return std::span(network).subspan(2); }

std::vector<double> layers_input(const CellPass& pass, const std::vector<double>& observation,
                                 const std::vector<double>& action) {
  std::vector<double> input = pass.after.hidden;
  input.insert(input.end(), observation.begin(), observation.end());
  input.insert(input.end(), action.begin(), action.end());
  return input;
}

}  // namespace polyak::oracle
