#include "kernels/linear_backward_input.hpp"

#include "kernels/kernel_test.hpp"
#include "kernels/layer_case.hpp"

namespace polyak::test {
namespace {

/// dX of all agents or some, where the layer reads columns [first_column, + inputs) of W and X.
class BackwardLayer {
 public:
  explicit BackwardLayer(const LayerCase& c, int first_column = 0)
      : case_(c),
        first_column_(first_column),
        columns_(c.inputs + first_column),
        gradient_(random_values(count_of(c.agents, c.batch, c.outputs), 1)),
        weight_(random_values(count_of(c.agents, c.outputs, columns_), 2)),
        input_(random_values(count_of(c.agents, c.batch, columns_), 3)),
        gradient_buffer_(c.agents, c.batch, c.outputs, c.padding, gradient_),
        weight_buffer_(c.agents, c.outputs, columns_, c.padding, weight_),
        input_buffer_(c.agents, c.batch, columns_, c.padding, input_) {}

  std::vector<float> run(int first_agent, int agents) const {
    const MatrixBuffer result(agents, case_.batch, case_.inputs, case_.padding);
    finish(kernels::launch_linear_backward_input(
        {agents, case_.batch, case_.inputs, case_.outputs, case_.activation,
         gradient_buffer_.view(first_agent), weight_buffer_.view(first_agent, first_column_),
         input_buffer_.view(first_agent, first_column_), result.view(), case_.precision},
        nullptr));
    return result.values();
  }

  /// An element of dY W.
  ReferenceSum reference(int agent, int row, int column) const {
    const std::size_t first = count_of(agent, case_.batch) + count_of(row, 1);
    ReferenceSum sum;
    for (int o = 0; o < case_.outputs; ++o) {
      const std::size_t w =
          (count_of(agent, case_.outputs) + count_of(o, 1)) * count_of(columns_, 1);
      sum.add(static_cast<double>(gradient_[first * count_of(case_.outputs, 1) + count_of(o, 1)]) *
              static_cast<double>(weight_[w + static_cast<std::size_t>(first_column_ + column)]));
    }
    return sum;
  }

  /// activation'(X) at one element.
  double derivative(int agent, int row, int column) const {
    const std::size_t first = count_of(agent, case_.batch) + count_of(row, 1);
    const auto at = static_cast<std::size_t>(first_column_ + column);
    return reference_derivative(case_.activation, input_[first * count_of(columns_, 1) + at]);
  }

  void expect_matches(const std::vector<float>& result) const {
    std::size_t at = 0;
    for (int agent = 0; agent < case_.agents; ++agent) {
      for (int row = 0; row < case_.batch; ++row) {
        for (int column = 0; column < case_.inputs; ++column, ++at) {
          const ReferenceSum sum = reference(agent, row, column);
          // The derivative, at most 1, is rounded to float32 too.
          ASSERT_NEAR(result[at], sum.value * derivative(agent, row, column),
                      sum.tolerance(case_.precision) + 0x1p-23 * sum.magnitude)
              << "agent " << agent << ", row " << row << ", column " << column;
        }
      }
    }
    EXPECT_EQ(at, result.size());
  }

 private:
  LayerCase case_;
  int first_column_;
  int columns_;  // of W and X
  std::vector<float> gradient_, weight_, input_;
  MatrixBuffer gradient_buffer_, weight_buffer_, input_buffer_;
};

class LinearBackwardInputTest : public testing::TestWithParam<LayerCase> {};

TEST_P(LinearBackwardInputTest, MatchesDoublePrecision) {
  const BackwardLayer layer(GetParam());
  layer.expect_matches(layer.run(0, GetParam().agents));
}

TEST_P(LinearBackwardInputTest, AgentsDoNotDependOnEachOther) {
  const LayerCase c = GetParam();
  const BackwardLayer layer(c);
  const std::vector<float> together = layer.run(0, c.agents);
  std::vector<float> alone;
  for (int agent = 0; agent < c.agents; ++agent) {
    const std::vector<float> result = layer.run(agent, 1);
    alone.insert(alone.end(), result.begin(), result.end());
  }
  EXPECT_TRUE(same_bits(together, alone));
}

INSTANTIATE_TEST_SUITE_P(Shapes, LinearBackwardInputTest, testing::ValuesIn(layer_cases()),
                         [](const auto& instance) { return name_of(instance.param); });

TEST(LinearBackwardInput, TakesABlockOfColumns) {
  const LayerCase c = {2, 33, 2, 65, 0, Activation::tanh};
  const BackwardLayer layer(c, 3);  // the actions behind three observations
  layer.expect_matches(layer.run(0, c.agents));
}

TEST(LinearBackwardInput, ThreadOrderDoesNotMatter) {
  const BackwardLayer layer({2, 33, 65, 31, 1, Activation::elu});
  same_bits_in_every_order([&] { return layer.run(0, 2); });
}

TEST(LinearBackwardInput, IdentityDoesNotReadTheInput) {
  const MatrixBuffer gradient(1, 1, 1, 0, {2.0f}), weight(1, 1, 1, 0, {3.0f});
  const MatrixBuffer result(1, 1, 1, 0);
  const kernels::ConstStridedBatch nothing = {nullptr, 0, 0};
  finish(kernels::launch_linear_backward_input(
      {1, 1, 1, 1, Activation::identity, gradient.view(), weight.view(), nothing, result.view()},
      nullptr));
  EXPECT_EQ(result.values()[0], 6.0f);
}

class ActivationBackwardTest : public testing::TestWithParam<LayerCase> {};

TEST_P(ActivationBackwardTest, MatchesDoublePrecision) {
  const LayerCase c = GetParam();
  const std::vector<float> product = random_values(count_of(c.agents, c.batch, c.inputs), 1);
  const std::vector<float> input = random_values(count_of(c.agents, c.batch, c.inputs), 2);
  const MatrixBuffer result_buffer(c.agents, c.batch, c.inputs, c.padding, product);
  const MatrixBuffer input_buffer(c.agents, c.batch, c.inputs, c.padding + 1, input);
  finish(kernels::launch_activation_backward(
      {c.agents, c.batch, c.inputs, c.activation, input_buffer.view(), result_buffer.view()},
      nullptr));
  const std::vector<float> result = result_buffer.values();
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double expected =
        static_cast<double>(product[i]) * reference_derivative(c.activation, input[i]);
    ASSERT_NEAR(result[i], expected, 0x1p-22) << "element " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, ActivationBackwardTest, testing::ValuesIn(layer_cases()),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace polyak::test
