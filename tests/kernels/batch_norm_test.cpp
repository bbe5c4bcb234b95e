#include "kernels/batch_norm.hpp"

#include <algorithm>

#include "kernels/batch_norm_case.hpp"
#include "kernels/norm_errors.hpp"
#include "oracle/network.hpp"
#include "support/central_difference.hpp"

namespace polyak::test {
namespace {

const BatchNormShape shapes[] = {{0, 3},  {2, 1},   {2, 33},  {31, 31}, {33, 1},
                                 {65, 2}, {33, 65}, {9, 100}, {300, 5}, {1023, 33}};
/// One feature's statistics over the rows, in double precision.
struct Statistics {
  double mean = 0.0, variance = 0.0;
  Statistics(const std::vector<double>& x) {
    const double n = static_cast<double>(x.size());
    for (const double value : x) mean += value / n;
    for (const double value : x) variance += (value - mean) * (value - mean) / n;
  }
  double deviation() const { return std::sqrt(variance + 1e-5); }
  double normalised(double x) const { return (x - mean) / deviation(); }
};

class BatchNormKernel : public testing::TestWithParam<BatchNormShape> {
 protected:
  /// Calls visit(layer, agent, column) for every feature.
  template <class Visitor>
  void visit_features(const Visitor& visit) const {
    for (std::size_t layer = 0; layer < BatchNormCase::layers; ++layer) {
      for (int agent = 0; agent < BatchNormCase::agents; ++agent) {
        for (int column = 0; column < GetParam().columns; ++column) visit(layer, agent, column);
      }
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Shapes, BatchNormKernel, testing::ValuesIn(shapes),
                         [](const auto& instance) {
                           return std::to_string(instance.param.rows) + "x" +
                                  std::to_string(instance.param.columns);
                         });

TEST_P(BatchNormKernel, NormalisesByTheRowsAndActivates) {
  const BatchNormCase c(GetParam());
  for (const Activation activation : {Activation::relu, Activation::tanh, Activation::elu}) {
    const BatchNormCase::Result result = c.train(activation);
    visit_features([&](std::size_t layer, int agent, int column) {
      const std::vector<double> x = c.column(c.inputs[layer], agent, column);
      const std::vector<double> y = c.column(result.outputs[layer], agent, column);
      const Statistics statistics(x);
      const double weight = c.weights[layer][c.at(agent, column)];
      const double bias = c.biases[layer][c.at(agent, column)];
      for (std::size_t row = 0; row < x.size(); ++row) {
        const double sum = weight * statistics.normalised(x[row]) + bias;
        ASSERT_NEAR(y[row], oracle::activated(activation, sum),
                    normalised_error(statistics.deviation()))
            << row << ' ' << column;
      }
    });
  }
}

TEST_P(BatchNormKernel, RunningStatisticsFollowInTrainingAlone) {
  const BatchNormCase c(GetParam());
  if (c.elements() == 0) return;
  const BatchNormCase::Result result = c.run(0, BatchNormCase::agents, Activation::tanh,
                                             {BatchNormMode::training, BatchNormMode::batch});
  EXPECT_TRUE(same_bits(result.means[1], c.means[1]));
  EXPECT_TRUE(same_bits(result.variances[1], c.variances[1]));
  const double n = static_cast<double>(GetParam().rows);
  visit_features([&](std::size_t layer, int agent, int column) {
    if (layer == 1) return;
    const std::size_t at = c.at(agent, column);
    const Statistics statistics(c.column(c.inputs[0], agent, column));
    const double mean = c.means[0][at], variance = c.variances[0][at];
    EXPECT_NEAR(result.means[0][at], 0.75 * mean + 0.25 * statistics.mean, 1e-6);
    EXPECT_NEAR(result.variances[0][at],
                0.75 * variance + 0.25 * statistics.variance * n / (n - 1.0), 1e-6);
  });
}

// Beside a layer in training in the same launch.
TEST_P(BatchNormKernel, EvaluationIsByTheRunningStatistics) {
  const BatchNormCase c(GetParam());
  if (c.elements() == 0) return;
  for (const bool in_place : {true, false}) {
    const BatchNormCase::Result result =
        c.run(0, BatchNormCase::agents, Activation::elu,
              {BatchNormMode::training, BatchNormMode::evaluation}, in_place);
    EXPECT_TRUE(same_bits(result.means[1], c.means[1]));
    EXPECT_TRUE(same_bits(result.variances[1], c.variances[1]));
    EXPECT_TRUE(same_bits(result.outputs[0], c.train(Activation::elu).outputs[0]));
    visit_features([&](std::size_t layer, int agent, int column) {
      if (layer == 0) return;
      const std::vector<double> x = c.column(c.inputs[1], agent, column);
      const std::vector<double> y = c.column(result.outputs[1], agent, column);
      const std::size_t at = c.at(agent, column);
      const double mean = c.means[1][at], variance = c.variances[1][at];
      for (std::size_t row = 0; row < x.size(); ++row) {
        const double sum =
            static_cast<double>(c.weights[1][at]) * (x[row] - mean) / std::sqrt(variance + 1e-5) +
            static_cast<double>(c.biases[1][at]);
        ASSERT_NEAR(y[row], oracle::activated(Activation::elu, sum), 1e-5) << row;
      }
    });
  }
}

// dL/dx of L = sum of gradient * (g * normalised(x) + h), by central differences.
TEST_P(BatchNormKernel, GradientsMatchFiniteDifferences) {
  const BatchNormCase c(GetParam());
  if (c.elements() == 0) return;
  const BatchNormCase::Result result = c.train(Activation::tanh);
  visit_features([&](std::size_t layer, int agent, int column) {
    std::vector<double> x = c.column(c.inputs[layer], agent, column);
    const std::vector<double> gradient = c.column(c.gradients[layer], agent, column);
    const std::vector<double> actual = c.column(result.input_gradients[layer], agent, column);
    const double weight = c.weights[layer][c.at(agent, column)];
    const Statistics statistics(x);
    ReferenceSum weight_gradient, bias_gradient;
    for (std::size_t row = 0; row < x.size(); ++row) {
      weight_gradient.add(gradient[row] * statistics.normalised(x[row]));
      bias_gradient.add(gradient[row]);
    }
    const double rows = static_cast<double>(x.size());
    ASSERT_NEAR(result.weight_gradients[layer][c.at(agent, column)], weight_gradient.value,
                weight_gradient.tolerance() + rows * normalised_error(statistics.deviation()));
    ASSERT_NEAR(result.bias_gradients[layer][c.at(agent, column)], bias_gradient.value,
                bias_gradient.tolerance());
    const auto loss = [&] {
      const Statistics moved(x);
      double sum = 0.0;
      for (std::size_t row = 0; row < x.size(); ++row) {
        sum += gradient[row] * weight * moved.normalised(x[row]);
      }
      return sum;
    };
    for (std::size_t row = 0; row < x.size(); row += 17) {
      const double expected = extrapolated_difference(x[row], 1e-2 * statistics.deviation(), loss);
      ASSERT_NEAR(actual[row], expected, normalised_gradient_error(statistics.deviation()))
          << row << ' ' << column;
    }
  });
}

/// All that a training pass writes, of one layer.
std::vector<float> all_of(const BatchNormCase::Result& result, std::size_t layer) {
  std::vector<float> all;
  for (const auto* part : {&result.outputs, &result.input_gradients, &result.weight_gradients,
                           &result.bias_gradients, &result.means, &result.variances}) {
    all.insert(all.end(), (*part)[layer].begin(), (*part)[layer].end());
  }
  return all;
}

TEST_P(BatchNormKernel, AgentsDoNotDependOnEachOtherOrOnTheOrderOfThreads) {
  const BatchNormCase c(GetParam());
  if (c.elements() == 0) return;
  same_bits_in_every_order([&] { return all_of(c.train(Activation::elu), 1); });
  const BatchNormCase::Result together = c.train(Activation::elu);
  const BatchNormCase::Result alone =
      c.run(2, 1, Activation::elu, {BatchNormMode::training, BatchNormMode::training});
  const auto last = [](const std::vector<float>& values, std::size_t count) {
    return std::vector<float>(values.end() - static_cast<std::ptrdiff_t>(count), values.end());
  };
  const auto first = [](const std::vector<float>& values, std::size_t count) {
    return std::vector<float>(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
  };
  EXPECT_TRUE(
      same_bits(last(alone.outputs[1], c.elements()), last(together.outputs[1], c.elements())));
  EXPECT_TRUE(same_bits(last(alone.input_gradients[1], c.elements()),
                        last(together.input_gradients[1], c.elements())));
  EXPECT_TRUE(
      same_bits(last(alone.variances[1], c.columns()), last(together.variances[1], c.columns())));
  EXPECT_TRUE(same_bits(first(alone.weight_gradients[1], c.columns()),
                        last(together.weight_gradients[1], c.columns())));
}

TEST(BatchNormKernelOfNotANumber, KeepsItInItsFeature) {
  BatchNormCase c({33, 3});
  c.inputs[0][4] = NAN;  // agent 0, row 1, column 1
  const BatchNormCase::Result result = c.train(Activation::relu);
  for (int column = 0; column < 3; ++column) {
    const std::vector<double> y = c.column(result.outputs[0], 0, column);
    EXPECT_EQ(std::count_if(y.begin(), y.end(), [](double value) { return std::isnan(value); }),
              column == 1 ? 33 : 0);
    EXPECT_EQ(std::isnan(result.means[0][static_cast<std::size_t>(column)]), column == 1);
    EXPECT_EQ(std::isnan(result.weight_gradients[0][static_cast<std::size_t>(column)]),
              column == 1);
  }
}

TEST(BatchNormKernelRefusal, OfDifferentSizesAndTooMany) {
  kernels::BatchNormForward layer{};
  layer.layer = {1, 2, 3, Activation::tanh, {}, {}};
  std::vector<kernels::BatchNormForward> several(2, layer);
  several[1].layer.columns = 4;
  EXPECT_EQ(kernels::launch_batch_norm_forward(several, nullptr), cudaErrorInvalidValue);
  several.assign(kernels::max_batch_norms + 1, layer);
  EXPECT_EQ(kernels::launch_batch_norm_forward(several, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(kernels::launch_batch_norm_forward({}, nullptr), cudaSuccess);
  EXPECT_EQ(kernels::launch_batch_norm_backward({}, nullptr), cudaSuccess);
}

}  // namespace
}  // namespace polyak::test
