#include <memory>

#include "kernels/cell_case.hpp"

namespace polyak::test {
namespace {

/// A step's way back: gradients that come in, and buffers for those that go out. In every third row
/// of every agent nothing is learnt, and what comes in there is NaN.
class BackwardCase {
 public:
  BackwardCase(PolicyKind kind, const CellSize& size, bool last_step, unsigned seed = 1)
      : step(kind, size, seed),
        kind_(kind),
        size_(size),
        last_step_(last_step),
        weight_stride_(size.rows + 2),
        weights_(weight_values()),
        from_above_(spoilt(step.values(1, seed + 11, 1.0f))),
        carried_values_(spoilt(step.values(1, seed + 12, 1.0f))),
        state_values_(spoilt(step.values(1, seed + 13, 1.0f))),
        hidden_gradient_(step.matrix(1, 2, from_above_)),
        carried_(step.matrix(1, 3, carried_values_)),
        gates_(step.matrix(step.gate_number() + 1, 1, spoilt(gates_after_the_step()))),
        state_gradient(step.matrix(1, 1, last_step ? std::vector<float>{} : state_values_)),
        input_sum_gradient(step.matrix(step.gate_number(), 4, {})),
        recurrent_sum_gradient(step.matrix(step.gate_number(), 3, {})) {}

  kernels::CellBackward backward() const {
    const bool lstm = kind_ == PolicyKind::lstm;
    const kernels::StridedBatch nothing{nullptr, 0, 0};
    return {size_.agents,
            size_.rows,
            size_.units,
            kind_,
            gates_.view(),
            lstm ? nothing : step.hidden_before.view(),
            lstm ? step.cell_before.view() : nothing,
            hidden_gradient_.view(),
            last_step_ ? nothing : carried_.view(),
            state_gradient.view(),
            weights_.data(),
            weight_stride_,
            input_sum_gradient.view(),
            lstm ? nothing : recurrent_sum_gradient.view()};
  }

  bool learns(std::size_t i) const { return row_learns(i / static_cast<std::size_t>(size_.units)); }

  /// The part of the loss that a unit's step has: the gradients that come in times its state.
  double loss(std::size_t i, const UnitInput& unit) const {
    const UnitOutput out = reference_step(kind_, unit);
    double hidden = from_above_[i], cell = 0.0;
    if (!last_step_) {
      hidden += static_cast<double>(carried_values_[i]);
      (kind_ == PolicyKind::lstm ? cell : hidden) += static_cast<double>(state_values_[i]);
    }
    return hidden * out.hidden + cell * out.cell;
  }

  /// Everything that the kernel has written.
  std::vector<float> results() const {
    std::vector<float> all = input_sum_gradient.values();
    for (const MatrixBuffer* more : {&recurrent_sum_gradient, &state_gradient}) {
      const std::vector<float> part = more->values();
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }

  CellCase step;

 private:
  bool row_learns(std::size_t row) const {
    return row % static_cast<std::size_t>(size_.rows) % 3 != 1;
  }
  std::vector<float> gates_after_the_step() const {
    finish(kernels::launch_cell_forward(step.forward(), nullptr));
    return step.gates.values();
  }
  std::vector<float> weight_values() const {
    std::vector<float> result(static_cast<std::size_t>(size_.agents * weight_stride_), 7.0f);
    for (std::size_t row = 0; row < static_cast<std::size_t>(size_.agents * size_.rows); ++row) {
      const std::size_t rows = static_cast<std::size_t>(size_.rows);
      result[row / rows * (rows + 2) + row % rows] = row_learns(row) ? 1.0f : 0.0f;
    }
    return result;
  }
  /// NaN in the rows that nothing is learnt from.
  std::vector<float> spoilt(std::vector<float> values) const {
    const std::size_t rows = static_cast<std::size_t>(size_.agents * size_.rows);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!row_learns(i / (values.size() / rows))) {
        values[i] = std::numeric_limits<float>::quiet_NaN();
      }
    }
    return values;
  }

  PolicyKind kind_;
  CellSize size_;
  bool last_step_;
  std::int64_t weight_stride_;
  DeviceBuffer<float> weights_;
  std::vector<float> from_above_, carried_values_, state_values_;
  MatrixBuffer hidden_gradient_, carried_, gates_;

 public:
  MatrixBuffer state_gradient, input_sum_gradient, recurrent_sum_gradient;
};

/// dL/dvalue by central differences, of one of the values that element `i` is made of.
template <class Value>
double difference(const BackwardCase& c, std::size_t i, const Value& value) {
  constexpr double h = 1e-5;
  UnitInput above = c.step.input(i), below = above;
  value(above) += h;
  value(below) -= h;
  return (c.loss(i, above) - c.loss(i, below)) / (2.0 * h);
}

/// Expects a gradient that the kernel has written; zero where nothing is learnt.
template <class Value>
void expect_gradient(const BackwardCase& c, std::size_t i, float gradient, const Value& value) {
  if (c.learns(i)) {
    ASSERT_NEAR(gradient, difference(c, i, value), 2e-6) << i;
  } else {
    ASSERT_EQ(gradient, 0.0f) << i;
  }
}

void expect_gradients(PolicyKind kind, const BackwardCase& c) {
  const bool lstm = kind == PolicyKind::lstm;
  const int gates = c.step.gate_number();
  const std::vector<float> input = c.input_sum_gradient.values();
  const std::vector<float> recurrent = c.recurrent_sum_gradient.values();
  const std::vector<float> state = c.state_gradient.values();
  for (std::size_t i = 0; i < c.step.elements(); ++i) {
    for (int gate = 0; gate < gates; ++gate) {
      const auto g = static_cast<std::size_t>(gate);
      const std::size_t at = c.step.place(i, gate, gates);
      expect_gradient(c, i, input[at], [g](UnitInput& unit) -> double& { return unit.x[g]; });
      if (lstm) {
        ASSERT_TRUE(std::isnan(recurrent[at])) << "an LSTM has one gradient for both sums";
      } else {
        expect_gradient(c, i, recurrent[at], [g](UnitInput& unit) -> double& { return unit.u[g]; });
      }
    }
    expect_gradient(c, i, state[i],
                    [lstm](UnitInput& unit) -> double& { return lstm ? unit.cell : unit.hidden; });
  }
}

TEST(CellBackwardKernel, MatchesFiniteDifferences) {
  for (const PolicyKind kind : cell_kinds) {
    for (const CellSize& size : {CellSize{3, 0, 5},
                                 {3, 5, 0},
                                 {1, 1, 1},
                                 {3, 1, 31},
                                 {3, 33, 1},
                                 {2, 31, 33},
                                 {3, 65, 31},
                                 {2, 33, 65}}) {
      for (const bool last_step : {false, true}) {
        const BackwardCase c(kind, size, last_step);
        finish(kernels::launch_cell_backward(c.backward(), nullptr));
        expect_gradients(kind, c);
      }
    }
  }
}

/// Cells for one launch; the odd ones are at their last step.
std::vector<std::unique_ptr<BackwardCase>> several_steps(PolicyKind kind) {
  std::vector<std::unique_ptr<BackwardCase>> cells;
  bool last_step = false;
  for (const CellSize& size :
       {CellSize{2, 33, 31}, {2, 0, 9}, {2, 1, 1}, {2, 65, 33}, {2, 7, 0}, {2, 129, 2}}) {
    cells.push_back(std::make_unique<BackwardCase>(kind, size, last_step,
                                                   10 * static_cast<unsigned>(size.rows)));
    last_step = !last_step;
  }
  return cells;
}

TEST(CellBackwardKernel, SideBySideGivesTheBitsOfOneByOneInEveryOrderOfThreads) {
  for (const PolicyKind kind : cell_kinds) {
    const auto alone = several_steps(kind);
    for (const auto& cell : alone) finish(kernels::launch_cell_backward(cell->backward(), nullptr));
    same_bits_in_every_order([&] {
      const auto together = several_steps(kind);
      std::vector<kernels::CellBackward> group;
      for (const auto& cell : together) group.push_back(cell->backward());
      finish(kernels::launch_cell_backward(group, nullptr));
      std::vector<float> all;
      for (std::size_t i = 0; i < group.size(); ++i) {
        const std::vector<float> results = together[i]->results();
        EXPECT_TRUE(same_bits(results, alone[i]->results())) << i;
        all.insert(all.end(), results.begin(), results.end());
      }
      return all;
    });
  }
}

}  // namespace
}  // namespace polyak::test
