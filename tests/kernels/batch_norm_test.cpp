#include "kernels/batch_norm.hpp"

#include <algorithm>
#include <memory>

#include "kernels/kernel_test.hpp"
#include "oracle/network.hpp"

namespace polyak::test {
namespace {

struct Shape {
  int rows, columns;
};
const Shape shapes[] = {{0, 3},  {2, 1},   {2, 33},  {31, 31}, {33, 1},
                        {65, 2}, {33, 65}, {9, 100}, {300, 5}, {1023, 33}};
constexpr int agents = 3, layers = 2;
constexpr float momentum = 0.25f;

/// One feature's statistics over the rows, in double precision.
struct Statistics {
  double mean = 0.0, variance = 0.0;
  Statistics(const std::vector<double>& x) {
    const double n = static_cast<double>(x.size());
    for (const double value : x) mean += value / n;
    for (const double value : x) variance += (value - mean) * (value - mean) / n;
  }
  double normalised(double x) const { return (x - mean) / std::sqrt(variance + 1e-5); }
};

/// Two layers of three agents with what their passes leave behind.
class BatchNormCase {
 public:
  explicit BatchNormCase(const Shape& shape)
      : shape_(shape),
        elements_(static_cast<std::size_t>(shape.rows * shape.columns)),
        vector_(static_cast<std::size_t>(shape.columns)) {
    for (unsigned layer = 0; layer < layers; ++layer) {
      inputs.push_back(random_values(agents * elements_, 1 + layer));
      gradients.push_back(random_values(agents * elements_, 11 + layer));
      weights.push_back(random_values(agents * vector_, 21 + layer));
      biases.push_back(random_values(agents * vector_, 31 + layer));
      means.push_back(random_values(agents * vector_, 41 + layer));
      variances.push_back(random_values(agents * vector_, 51 + layer));
      for (float& variance : variances.back()) variance = 1.5f + variance;
    }
  }

  struct Result {
    std::vector<std::vector<float>> outputs, input_gradients, weight_gradients, bias_gradients,
        means, variances;
  };

  /// Forwards for `count` agents, layer i in modes[i]; then, unless one of them was in evaluation,
  /// backwards from `gradients` before the activation. In place or not.
  Result run(int first_agent, int count, Activation activation, std::vector<BatchNormMode> modes,
             bool in_place = true) const {
    std::vector<std::unique_ptr<Buffers>> buffers;
    std::vector<kernels::BatchNormForward> forward;
    std::vector<kernels::BatchNormBackward> backward;
    bool goes_back = true;
    for (std::size_t i = 0; i < layers; ++i) {
      buffers.push_back(std::make_unique<Buffers>(*this, i));
      const Buffers& b = *buffers.back();
      const std::int64_t width = shape_.columns, skipped = first_agent * width;
      const kernels::BatchNorm layer = {count,
                                        shape_.rows,
                                        shape_.columns,
                                        activation,
                                        {b.weight.data() + skipped, width},
                                        {b.bias.data() + skipped, width}};
      const bool evaluates = modes[i] == BatchNormMode::evaluation;
      goes_back = goes_back && !evaluates;
      const kernels::Vectors deviation = {b.deviation.data(), width};
      forward.push_back({layer,
                         modes[i],
                         momentum,
                         b.value.view(first_agent),
                         in_place ? b.value.view(first_agent) : b.output.view(first_agent),
                         {b.mean.data() + skipped, width},
                         {b.variance.data() + skipped, width},
                         evaluates ? kernels::Matrices{} : b.normalised.view(),
                         deviation});
      backward.push_back({layer,
                          b.gradient.view(first_agent),
                          b.normalised.view(),
                          deviation,
                          {b.weight_gradient.data(), width},
                          {b.bias_gradient.data(), width}});
    }
    finish(kernels::launch_batch_norm_forward(forward, nullptr));
    if (goes_back) finish(kernels::launch_batch_norm_backward(backward, nullptr));
    Result result;
    for (const auto& b : buffers) {
      result.outputs.push_back(in_place ? b->value.values() : b->output.values());
      result.input_gradients.push_back(b->gradient.values());
      result.weight_gradients.push_back(b->weight_gradient.download());
      result.bias_gradients.push_back(b->bias_gradient.download());
      result.means.push_back(b->mean.download());
      result.variances.push_back(b->variance.download());
    }
    return result;
  }
  Result train(Activation activation) const {
    return run(0, agents, activation, {BatchNormMode::training, BatchNormMode::training});
  }

  std::vector<double> column(const std::vector<float>& values, int agent, int number) const {
    std::vector<double> result;
    for (int row = 0; row < shape_.rows; ++row) {
      result.push_back(static_cast<double>(
          values[static_cast<std::size_t>((agent * shape_.rows + row) * shape_.columns + number)]));
    }
    return result;
  }
  std::size_t at(int agent, int number) const {
    return static_cast<std::size_t>(agent * shape_.columns + number);
  }

  std::size_t elements() const { return elements_; }
  std::size_t columns() const { return vector_; }
  std::vector<std::vector<float>> inputs, gradients, weights, biases, means, variances;

 private:
  struct Buffers {
    Buffers(const BatchNormCase& c, std::size_t i)
        : value(agents, c.shape_.rows, c.shape_.columns, 3, c.inputs[i]),
          output(agents, c.shape_.rows, c.shape_.columns, 5),
          gradient(agents, c.shape_.rows, c.shape_.columns, 2, c.gradients[i]),
          normalised(agents, c.shape_.rows, c.shape_.columns, 1),
          deviation(agents * c.vector_),
          weight(c.weights[i]),
          bias(c.biases[i]),
          mean(c.means[i]),
          variance(c.variances[i]),
          weight_gradient(agents * c.vector_),
          bias_gradient(agents * c.vector_) {}
    MatrixBuffer value, output, gradient, normalised;
    DeviceBuffer<float> deviation, weight, bias, mean, variance, weight_gradient, bias_gradient;
  };

  Shape shape_;
  std::size_t elements_, vector_;
};

class BatchNormKernel : public testing::TestWithParam<Shape> {
 protected:
  /// Calls visit(layer, agent, column) for every feature.
  template <class Visitor>
  void visit_features(const Visitor& visit) const {
    for (std::size_t layer = 0; layer < layers; ++layer) {
      for (int agent = 0; agent < agents; ++agent) {
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
        // Two rows may be near each other: their deviation is then small.
        ASSERT_NEAR(y[row], oracle::activated(activation, sum), 2e-4) << row << ' ' << column;
      }
    });
  }
}

TEST_P(BatchNormKernel, RunningStatisticsFollowInTrainingAlone) {
  const BatchNormCase c(GetParam());
  if (c.elements() == 0) return;
  const BatchNormCase::Result result =
      c.run(0, agents, Activation::tanh, {BatchNormMode::training, BatchNormMode::batch});
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
    const BatchNormCase::Result result = c.run(
        0, agents, Activation::elu, {BatchNormMode::training, BatchNormMode::evaluation}, in_place);
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
    double weight_gradient = 0.0, bias_gradient = 0.0;
    for (std::size_t row = 0; row < x.size(); ++row) {
      weight_gradient += gradient[row] * statistics.normalised(x[row]);
      bias_gradient += gradient[row];
    }
    ASSERT_NEAR(result.weight_gradients[layer][c.at(agent, column)], weight_gradient, 1e-3);
    ASSERT_NEAR(result.bias_gradients[layer][c.at(agent, column)], bias_gradient, 1e-4);
    const auto loss = [&] {
      const Statistics moved(x);
      double sum = 0.0;
      for (std::size_t row = 0; row < x.size(); ++row) {
        sum += gradient[row] * weight * moved.normalised(x[row]);
      }
      return sum;
    };
    for (std::size_t row = 0; row < x.size(); row += 17) {
      constexpr double h = 1e-5;
      const double original = x[row];
      x[row] = original + h;
      const double above = loss();
      x[row] = original - h;
      const double below = loss();
      x[row] = original;
      const double expected = (above - below) / (2.0 * h);
      ASSERT_NEAR(actual[row], expected, 1e-3 + 1e-3 * std::abs(expected)) << row << ' ' << column;
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
  several.assign(kernels::most_batch_norms + 1, layer);
  EXPECT_EQ(kernels::launch_batch_norm_forward(several, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(kernels::launch_batch_norm_forward({}, nullptr), cudaSuccess);
  EXPECT_EQ(kernels::launch_batch_norm_backward({}, nullptr), cudaSuccess);
}

}  // namespace
}  // namespace polyak::test
