#include "kernels/linear_backward_weight.hpp"

#include "kernels/kernel_test.hpp"
#include "kernels/layer_case.hpp"

namespace polyak::test {
namespace {

/// dW and db of a layer, for all agents or some.
class WeightGradient {
 public:
  explicit WeightGradient(const LayerCase& c)
      : case_(c),
        gradient_(random_values(count_of(c.agents, c.batch, c.outputs), 1)),
        input_(random_values(count_of(c.agents, c.batch, c.inputs), 2)),
        gradient_buffer_(c.agents, c.batch, c.outputs, c.padding, gradient_),
        input_buffer_(c.agents, c.batch, c.inputs, c.padding, input_) {}

  /// dW [agents, outputs, inputs], then db [agents, outputs].
  std::vector<float> run(int first_agent, int agents) const {
    const MatrixBuffer weights(agents, case_.outputs, case_.inputs, case_.padding);
    const MatrixBuffer biases(agents, 1, case_.outputs, case_.padding);
    const DeviceBuffer<float> workspace(
        static_cast<std::size_t>(kernels::linear_backward_weight_workspace(
            agents, {case_.batch}, case_.inputs, case_.outputs)));
    const kernels::StridedBatch bias_view = biases.view();
    finish(
        kernels::launch_linear_backward_weight({agents,
                                                case_.batch,
                                                case_.inputs,
                                                case_.outputs,
                                                gradient_buffer_.view(first_agent),
                                                input_buffer_.view(first_agent),
                                                weights.view(),
                                                {bias_view.data, bias_view.agent_stride},
                                                workspace.size() == 0 ? nullptr : workspace.data(),
                                                case_.precision},
                                               nullptr));
    std::vector<float> result = weights.values();
    const std::vector<float> bias_values = biases.values();
    result.insert(result.end(), bias_values.begin(), bias_values.end());
    return result;
  }

  /// Element (output, input) of dW, or with input = inputs of db.
  ReferenceSum reference(int agent, int output, int input) const {
    ReferenceSum sum;
    for (int row = 0; row < case_.batch; ++row) {
      const std::size_t first = count_of(agent, case_.batch) + count_of(row, 1);
      const double gradient = gradient_[first * count_of(case_.outputs, 1) + count_of(output, 1)];
      sum.add(input == case_.inputs
                  ? gradient
                  : gradient * static_cast<double>(
                                   input_[first * count_of(case_.inputs, 1) + count_of(input, 1)]));
    }
    return sum;
  }

 private:
  LayerCase case_;
  std::vector<float> gradient_, input_;
  MatrixBuffer gradient_buffer_, input_buffer_;
};

/// Every shape of the other products, and batches that are cut into two and into sixteen slices.
std::vector<LayerCase> weight_cases() {
  std::vector<LayerCase> cases = layer_cases();
  cases.push_back({2, 1025, 5, 33, 0, Activation::identity});
  cases.push_back({1, 16401, 3, 5, 1, Activation::identity});
  cases.push_back({1, 1030, 513, 321, 0, Activation::identity});
  for (const Precision precision : tensor_core_precisions()) {
    cases.push_back({2, 1025, 5, 33, 0, Activation::identity, precision});
  }
  return cases;
}

class LinearBackwardWeightTest : public testing::TestWithParam<LayerCase> {};

TEST_P(LinearBackwardWeightTest, MatchesDoublePrecision) {
  const LayerCase c = GetParam();
  const WeightGradient layer(c);
  const std::vector<float> result = layer.run(0, c.agents);
  const std::size_t weights = count_of(c.agents, c.outputs, c.inputs);
  ASSERT_EQ(result.size(), weights + count_of(c.agents, c.outputs));
  std::size_t at = 0, bias_at = weights;
  for (int agent = 0; agent < c.agents; ++agent) {
    for (int output = 0; output < c.outputs; ++output, ++bias_at) {
      for (int input = 0; input < c.inputs; ++input, ++at) {
        const ReferenceSum sum = layer.reference(agent, output, input);
        ASSERT_NEAR(result[at], sum.value, sum.tolerance(c.precision))
            << "agent " << agent << ", output " << output << ", input " << input;
      }
      const ReferenceSum sum = layer.reference(agent, output, c.inputs);
      ASSERT_NEAR(result[bias_at], sum.value, sum.tolerance())
          << "bias of agent " << agent << ", output " << output;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, LinearBackwardWeightTest, testing::ValuesIn(weight_cases()),
                         [](const auto& instance) { return name_of(instance.param); });

TEST(LinearBackwardWeight, AgentsDoNotDependOnEachOther) {
  for (const LayerCase& c : {LayerCase{3, 100, 65, 33, 0, Activation::identity},
                             LayerCase{3, 1025, 5, 7, 1, Activation::identity}}) {
    const WeightGradient layer(c);
    const std::vector<float> together = layer.run(0, c.agents);
    std::vector<float> weights, biases;
    for (int agent = 0; agent < c.agents; ++agent) {
      const std::vector<float> alone = layer.run(agent, 1);
      const auto middle = alone.begin() + c.outputs * c.inputs;
      weights.insert(weights.end(), alone.begin(), middle);
      biases.insert(biases.end(), middle, alone.end());
    }
    weights.insert(weights.end(), biases.begin(), biases.end());
    EXPECT_TRUE(same_bits(together, weights));
  }
}

TEST(LinearBackwardWeight, ThreadOrderDoesNotMatter) {
  for (const LayerCase& c : {LayerCase{2, 33, 65, 31, 1, Activation::identity},
                             LayerCase{1, 1025, 5, 7, 0, Activation::identity}}) {
    const WeightGradient layer(c);
    same_bits_in_every_order([&] { return layer.run(0, c.agents); });
  }
}

TEST(LinearBackwardWeight, NeedsAWorkspaceForLargeBatchesOnly) {
  EXPECT_EQ(kernels::linear_backward_weight_workspace(64, {1024}, 256, 256), 0);
  EXPECT_EQ(kernels::linear_backward_weight_workspace(3, {1025}, 4, 5), 3 * 8 * 5 * (4 + 1));
  EXPECT_EQ(kernels::linear_backward_weight_workspace(2, {16, 100}, 4, 5), 0) << "one group";
  EXPECT_EQ(kernels::linear_backward_weight_workspace(2, {17, 100}, 4, 5), 2 * 2 * 5 * (4 + 1));
  EXPECT_EQ(kernels::linear_backward_weight_workspace(1, {32768}, 256, 512),
            std::int64_t{8} * 512 * 257);
}

class BiasGradientTest : public testing::TestWithParam<LayerCase> {};

TEST_P(BiasGradientTest, MatchesDoublePrecision) {
  const LayerCase c = GetParam();
  const std::vector<float> gradient = random_values(count_of(c.agents, c.batch, c.outputs), 1);
  const MatrixBuffer gradient_buffer(c.agents, c.batch, c.outputs, c.padding, gradient);
  const auto run = [&] {
    const MatrixBuffer result(c.agents, 1, c.outputs, 3);
    const kernels::StridedBatch view = result.view();
    finish(kernels::launch_bias_gradient(
        {c.agents, c.batch, c.outputs, gradient_buffer.view(), {view.data, view.agent_stride}},
        nullptr));
    return result.values();
  };
  const std::vector<float> result = run();
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::size_t outputs = count_of(c.outputs, 1), batch = count_of(c.batch, 1);
    ReferenceSum sum;
    for (std::size_t row = 0; row < batch; ++row) {
      sum.add(gradient[(i / outputs * batch + row) * outputs + i % outputs]);
    }
    ASSERT_NEAR(result[i], sum.value, sum.tolerance()) << "element " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, BiasGradientTest, testing::ValuesIn(layer_cases()),
                         [](const auto& instance) { return name_of(instance.param); });

TEST(BiasGradient, ThreadOrderDoesNotMatter) {
  const MatrixBuffer gradient(1, 65, 33, 0, random_values(65 * 33, 1));
  same_bits_in_every_order([&] {
    const DeviceBuffer<float> result(33);
    finish(
        kernels::launch_bias_gradient({1, 65, 33, gradient.view(), {result.data(), 33}}, nullptr));
    return result.download();
  });
}

}  // namespace
}  // namespace polyak::test
