#include "kernels/linear_forward.hpp"

#include "kernels/kernel_test.hpp"
#include "kernels/layer_case.hpp"
#include "oracle/network.hpp"

namespace polyak::test {
namespace {

/// A layer of all agents, or of some.
class ForwardLayer {
 public:
  explicit ForwardLayer(const LayerCase& c)
      : case_(c),
        input_(random_values(count_of(c.agents, c.batch, c.inputs), 1)),
        weight_(random_values(count_of(c.agents, c.outputs, c.inputs), 2)),
        bias_(random_values(count_of(c.agents, c.outputs), 3)),
        input_buffer_(c.agents, c.batch, c.inputs, c.padding, input_),
        weight_buffer_(c.agents, c.outputs, c.inputs, c.padding, weight_),
        bias_buffer_(c.agents, 1, c.outputs, c.padding, bias_) {}

  /// Y: [agents, batch, outputs].
  std::vector<float> run(int first_agent, int agents) const {
    const MatrixBuffer output(agents, case_.batch, case_.outputs, case_.padding);
    const kernels::StridedBatch bias = bias_buffer_.view(first_agent);
    finish(kernels::launch_linear_forward({agents,
                                           case_.batch,
                                           case_.inputs,
                                           case_.outputs,
                                           case_.activation,
                                           input_buffer_.view(first_agent),
                                           weight_buffer_.view(first_agent),
                                           {bias.data, bias.agent_stride},
                                           output.view(),
                                           case_.precision},
                                          nullptr));
    return output.values();
  }

  /// An element of Y before the activation.
  ReferenceSum reference(int agent, int row, int column) const {
    const auto inputs = static_cast<std::size_t>(case_.inputs);
    const std::size_t output = count_of(agent, case_.outputs) + count_of(column, 1);
    const std::size_t x = (count_of(agent, case_.batch) + count_of(row, 1)) * inputs;
    ReferenceSum sum;
    sum.add(bias_[output]);
    for (std::size_t i = 0; i < inputs; ++i) {
      sum.add(static_cast<double>(input_[x + i]) *
              static_cast<double>(weight_[output * inputs + i]));
    }
    return sum;
  }

 private:
  LayerCase case_;
  std::vector<float> input_, weight_, bias_;
  MatrixBuffer input_buffer_, weight_buffer_, bias_buffer_;
};

class LinearForwardTest : public testing::TestWithParam<LayerCase> {};

TEST_P(LinearForwardTest, MatchesDoublePrecision) {
  const LayerCase c = GetParam();
  const ForwardLayer layer(c);
  const std::vector<float> output = layer.run(0, c.agents);
  std::size_t at = 0;
  for (int agent = 0; agent < c.agents; ++agent) {
    for (int row = 0; row < c.batch; ++row) {
      for (int column = 0; column < c.outputs; ++column, ++at) {
        const ReferenceSum sum = layer.reference(agent, row, column);
        // No activation is steeper than 1; its own rounding is a few units in the last place.
        ASSERT_NEAR(output[at], oracle::activated(c.activation, sum.value),
                    sum.tolerance(c.precision) + 0x1p-21)
            << "agent " << agent << ", row " << row << ", column " << column;
      }
    }
  }
}

TEST_P(LinearForwardTest, AgentsDoNotDependOnEachOther) {
  const LayerCase c = GetParam();
  const ForwardLayer layer(c);
  const std::vector<float> together = layer.run(0, c.agents);
  std::vector<float> alone;
  for (int agent = 0; agent < c.agents; ++agent) {
    const std::vector<float> output = layer.run(agent, 1);
    alone.insert(alone.end(), output.begin(), output.end());
  }
  EXPECT_TRUE(same_bits(together, alone));
}

INSTANTIATE_TEST_SUITE_P(Shapes, LinearForwardTest, testing::ValuesIn(layer_cases()),
                         [](const auto& instance) { return name_of(instance.param); });

// 8 medium tiles do not fill a device, those of 16 agents do: the tiles' size differs.
TEST(LinearForward, TilesDoNotDependOnTheNumberOfAgents) {
  constexpr int agents = 16;
  const ForwardLayer layer({agents, 128, 17, 256, 0, Activation::identity});
  const std::vector<float> together = layer.run(0, agents), alone = layer.run(agents - 1, 1);
  EXPECT_TRUE(same_bits(std::vector<float>(together.end() - 128 * 256, together.end()), alone));
}

TEST(LinearForward, ThreadOrderDoesNotMatter) {
  for (const Precision precision : device_precisions()) {
    const ForwardLayer layer({2, 33, 65, 31, 1, Activation::tanh, precision});
    same_bits_in_every_order([&] { return layer.run(0, 2); });
  }
}

// Rounding a factor to 11 or 8 bits shows in the result; two tf32 parts differ from fp32 in the
// last bits only.
TEST(LinearForward, EveryPrecisionHasItsOwnRounding) {
  const auto worst_error = [](Precision precision) {
    const ForwardLayer layer({1, 65, 100, 65, 0, Activation::identity, precision});
    const std::vector<float> output = layer.run(0, 1);
    double worst = 0.0;
    for (int at = 0; at < 65 * 65; ++at) {
      const ReferenceSum sum = layer.reference(0, at / 65, at % 65);
      const double error = std::abs(output[static_cast<std::size_t>(at)] - sum.value);
      worst = std::max(worst, error / sum.magnitude);
    }
    return worst;
  };
  EXPECT_LT(worst_error(Precision::fp32), 0x1p-20);
  if (tensor_core_precisions().empty()) return;
  EXPECT_GT(worst_error(Precision::bf16), 4.0 * worst_error(Precision::tf32));
  EXPECT_GT(worst_error(Precision::tf32), 0x1p-16);
  EXPECT_LT(worst_error(Precision::tf32x3), 0x1p-20);
  const LayerCase fp32{1, 65, 100, 65, 0, Activation::identity, Precision::fp32};
  LayerCase three_products = fp32;
  three_products.precision = Precision::tf32x3;
  EXPECT_FALSE(same_bits(ForwardLayer(fp32).run(0, 1), ForwardLayer(three_products).run(0, 1)));
}

TEST(LinearForward, NotANumberStaysOne) {
  const MatrixBuffer input(1, 1, 1, 0, {std::numeric_limits<float>::quiet_NaN()});
  const MatrixBuffer weight(1, 1, 1, 0, {1.0f});
  const DeviceBuffer<float> bias(std::vector<float>{0.0f});
  for (const Activation activation :
       {Activation::identity, Activation::relu, Activation::tanh, Activation::elu}) {
    const MatrixBuffer output(1, 1, 1, 0, {0.0f});
    finish(kernels::launch_linear_forward(
        {1, 1, 1, 1, activation, input.view(), weight.view(), {bias.data(), 1}, output.view()},
        nullptr));
    EXPECT_TRUE(std::isnan(output.values()[0]));
  }
}

class BiasActivationTest : public testing::TestWithParam<LayerCase> {};

TEST_P(BiasActivationTest, MatchesDoublePrecision) {
  const LayerCase c = GetParam();
  const std::vector<float> product = random_values(count_of(c.agents, c.batch, c.outputs), 1);
  const std::vector<float> bias = random_values(count_of(c.agents, c.outputs), 2);
  const MatrixBuffer output(c.agents, c.batch, c.outputs, c.padding, product);
  const DeviceBuffer<float> bias_buffer(bias);
  finish(kernels::launch_bias_activation(
      {c.agents, c.batch, c.outputs, c.activation, {bias_buffer.data(), c.outputs}, output.view()},
      nullptr));
  const std::vector<float> result = output.values();
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::size_t per_agent = count_of(c.batch, c.outputs);
    const std::size_t column = i % count_of(c.outputs, 1);
    const double x = static_cast<double>(product[i]) +
                     static_cast<double>(bias[i / per_agent * count_of(c.outputs, 1) + column]);
    ASSERT_NEAR(result[i], oracle::activated(c.activation, x), 0x1p-21) << "element " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, BiasActivationTest, testing::ValuesIn(layer_cases()),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace polyak::test
