// One unit of a cell against the formulas of torch.nn.LSTM and torch.nn.GRU in double precision,
// and its gradients against finite differences.
#include "polyak/core/recurrent_cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/print_enums.hpp"

namespace polyak {

// For finite differences the cell computes in double precision.
template <>
struct IeeeArithmetic<double> {
  static double multiply_add(double a, double b, double c) { return std::fma(a, b, c); }
};

template <>
double hyperbolic_tangent<double>(double x) {
  return std::tanh(x);
}

template <>
double logistic<double>(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

namespace {

/// All that goes into a step: sums x and u [gate_count], then the hidden state and the cell before.
using Arguments = std::vector<double>;
constexpr std::size_t hidden_at = 2 * max_gates, cell_at = hidden_at + 1;

CellState<double> lstm(const Arguments& a) {
  const auto sum = [&](std::size_t gate) { return a[gate] + a[max_gates + gate]; };
  const double input = logistic(sum(0)), forget = logistic(sum(1)), candidate = std::tanh(sum(2)),
               output = logistic(sum(3));
  const double cell = forget * a[cell_at] + input * candidate;
  return {output * std::tanh(cell), cell};
}

CellState<double> gru(const Arguments& a) {
  const double reset = logistic(a[0] + a[max_gates]);
  const double update = logistic(a[1] + a[max_gates + 1]);
  const double candidate = std::tanh(a[2] + reset * a[max_gates + 2]);
  return {(1.0 - update) * candidate + update * a[hidden_at], 0.0};
}

CellState<double> formula(PolicyKind kind, const Arguments& a) {
  return kind == PolicyKind::lstm ? lstm(a) : gru(a);
}

template <class Value>
CellStep<Value> step(PolicyKind kind, const Arguments& arguments) {
  std::vector<Value> a;
  for (const double argument : arguments) a.push_back(static_cast<Value>(argument));
  const CellState<Value> before{a[hidden_at], a[cell_at]};
  const Value *const x = a.data(), *const u = x + max_gates;
  return kind == PolicyKind::lstm ? cell_step<PolicyKind::lstm>(x, u, before)
                                  : cell_step<PolicyKind::gru>(x, u, before);
}

/// Random arguments that float32 holds exactly.
std::vector<Arguments> samples(int count, double range) {
  std::mt19937 engine{3};
  std::uniform_real_distribution<float> distribution(-static_cast<float>(range),
                                                     static_cast<float>(range));
  std::vector<Arguments> result;
  for (int i = 0; i < count; ++i) {
    Arguments arguments(cell_at + 1);
    for (double& argument : arguments) argument = static_cast<double>(distribution(engine));
    arguments[hidden_at] /= range;
    result.push_back(arguments);
  }
  return result;
}

class RecurrentCell : public testing::TestWithParam<PolicyKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, RecurrentCell, testing::Values(PolicyKind::lstm, PolicyKind::gru),
                         [](const auto& instance) {
                           return instance.param == PolicyKind::lstm ? "Lstm" : "Gru";
                         });

TEST_P(RecurrentCell, StepMatchesTheFormulas) {
  for (const double range : {1.0, 8.0}) {
    for (const Arguments& arguments : samples(1000, range)) {
      const CellState<double> expected = formula(GetParam(), arguments);
      const CellState<float> actual = step<float>(GetParam(), arguments).state;
      const double tolerance = 1e-6 * std::max(1.0, std::abs(expected.cell));
      ASSERT_NEAR(static_cast<double>(actual.hidden), expected.hidden, tolerance);
      ASSERT_NEAR(static_cast<double>(actual.cell), expected.cell, tolerance);
    }
  }
}

// Gates that are fully open or shut neither overflow nor lose the state that they keep.
TEST(RecurrentCellGates, SaturatedOnesKeepTheState) {
  for (const double sum : {100.0, 1e30}) {
    Arguments arguments(cell_at + 1, 0.0);
    arguments[1] = sum;  // forget gate of an LSTM, update gate of a GRU
    arguments[2] = 0.7;
    arguments[hidden_at] = arguments[cell_at] = 0.625;
    EXPECT_EQ(step<float>(PolicyKind::gru, arguments).state.hidden, 0.625f);
    arguments[0] = arguments[3] = -sum;
    const CellState<float> state = step<float>(PolicyKind::lstm, arguments).state;
    EXPECT_EQ(state.cell, 0.625f);
    EXPECT_EQ(state.hidden, 0.0f) << "the output gate is shut";
  }
}

TEST_P(RecurrentCell, BackwardMatchesFiniteDifferences) {
  constexpr double h = 1e-6;
  const CellState<double> weights{0.7, GetParam() == PolicyKind::lstm ? -1.3 : 0.0};
  const auto loss = [&](const Arguments& arguments) {
    const CellState<double> state = step<double>(GetParam(), arguments).state;
    return weights.hidden * state.hidden + weights.cell * state.cell;
  };
  for (const Arguments& arguments : samples(50, 2.0)) {
    const CellGates<double> gates = step<double>(GetParam(), arguments).gates;
    const CellState<double> before{arguments[hidden_at], arguments[cell_at]};
    const CellGradient<double> gradient =
        GetParam() == PolicyKind::lstm
            ? cell_step_backward<PolicyKind::lstm>(gates, before, weights)
            : cell_step_backward<PolicyKind::gru>(gates, before, weights);
    std::vector<double> analytic(gradient.input_sums, gradient.input_sums + max_gates);
    analytic.insert(analytic.end(), gradient.recurrent_sums, gradient.recurrent_sums + max_gates);
    analytic.insert(analytic.end(), {gradient.before.hidden, gradient.before.cell});
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      Arguments above = arguments, below = arguments;
      above[i] += h;
      below[i] -= h;
      ASSERT_NEAR(analytic[i], (loss(above) - loss(below)) / (2.0 * h), 1e-8) << "argument " << i;
    }
  }
}

TEST_P(RecurrentCell, KeepsNaNVisible) {
  for (int gate = 0; gate < gate_count(GetParam()); ++gate) {
    Arguments arguments(cell_at + 1, 0.5);
    arguments[static_cast<std::size_t>(gate)] = std::nan("");
    EXPECT_TRUE(std::isnan(step<float>(GetParam(), arguments).state.hidden)) << gate;
  }
}

TEST(RecurrentCellSizes, FollowTheKind) {
  EXPECT_EQ(gate_count(PolicyKind::lstm), 4);
  EXPECT_EQ(gate_count(PolicyKind::gru), 3);
  EXPECT_EQ(gate_count(PolicyKind::feed_forward), 0);
  EXPECT_EQ(state_values(PolicyKind::lstm), 2);
  EXPECT_EQ(state_values(PolicyKind::gru), 1);
  EXPECT_EQ(state_values(PolicyKind::feed_forward), 0);
}

}  // namespace
}  // namespace polyak
