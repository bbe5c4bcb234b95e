#include "kernels/layer_norm.hpp"

#include <algorithm>
#include <memory>
#include <numeric>

#include "kernels/kernel_test.hpp"
#include "kernels/norm_errors.hpp"
#include "oracle/network.hpp"
#include "support/central_difference.hpp"

namespace polyak::test {
namespace {

struct LayerNormShape {
  int rows, columns;
};
void PrintTo(const LayerNormShape& shape, std::ostream* out) {
  *out << shape.rows << "x" << shape.columns;
}
const LayerNormShape layer_norm_shapes[] = {{0, 3},  {1, 1},    {7, 2},    {33, 31},
                                            {9, 32}, {100, 65}, {65, 1023}};
constexpr int layer_norm_agents = 3, layers = 2;

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double deviation_of(const std::vector<double>& x) {
  const double mean = mean_of(x);
  double squares = 0.0;
  for (const double value : x) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(x.size()) + 1e-5);
}

/// g * normalised(x) + h in double precision.
std::vector<double> norm(const std::vector<double>& x, const float* weight, const float* bias) {
  const double mean = mean_of(x), deviation = deviation_of(x);
  std::vector<double> y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    y.push_back(static_cast<double>(weight[i]) * (x[i] - mean) / deviation +
                static_cast<double>(bias[i]));
  }
  return y;
}

/// Two layers of three agents with what their passes leave behind.
class LayerNormCase {
 public:
  explicit LayerNormCase(const LayerNormShape& shape)
      : shape_(shape),
        elements_(static_cast<std::size_t>(shape.rows * shape.columns)),
        vector_(static_cast<std::size_t>(shape.columns)) {
    for (unsigned layer = 0; layer < layers; ++layer) {
      inputs.push_back(random_values(layer_norm_agents * elements_, 1 + layer));
      gradients.push_back(random_values(layer_norm_agents * elements_, 11 + layer));
      weights.push_back(random_values(layer_norm_agents * vector_, 21 + layer));
      biases.push_back(random_values(layer_norm_agents * vector_, 31 + layer));
    }
  }

  struct Result {
    std::vector<std::vector<float>> outputs, input_gradients, weight_gradients, bias_gradients;
  };

  /// Forwards, then backwards from `gradients` before the activation, for `count` agents.
  Result run(int first_agent, int count, Activation activation, bool learns) const {
    std::vector<std::unique_ptr<Buffers>> buffers;
    std::vector<kernels::LayerNormForward> forward;
    std::vector<kernels::LayerNormBackward> backward;
    for (std::size_t i = 0; i < layers; ++i) {
      buffers.push_back(std::make_unique<Buffers>(*this, i));
      const Buffers& b = *buffers.back();
      const std::int64_t width = shape_.columns;
      const kernels::LayerNorm layer = {count,
                                        shape_.rows,
                                        shape_.columns,
                                        activation,
                                        {b.weight.data() + first_agent * width, width},
                                        {b.bias.data() + first_agent * width, width}};
      const kernels::VectorBatch deviation = {b.deviation.data(), shape_.rows};
      forward.push_back({layer, b.value.view(first_agent), b.normalised.view(), deviation});
      kernels::LayerNormBackward back{
          layer, b.gradient.view(first_agent), b.normalised.view(), deviation, {}, {}};
      if (learns) {
        back.weight_gradient = {b.weight_gradient.data(), width};
        back.bias_gradient = {b.bias_gradient.data(), width};
      }
      backward.push_back(back);
    }
    finish(kernels::launch_layer_norm_forward(forward, nullptr));
    finish(kernels::launch_layer_norm_backward(backward, nullptr));
    Result result;
    for (const auto& b : buffers) {
      result.outputs.push_back(b->value.values());
      result.input_gradients.push_back(b->gradient.values());
      result.weight_gradients.push_back(b->weight_gradient.download());
      result.bias_gradients.push_back(b->bias_gradient.download());
    }
    return result;
  }

  std::vector<double> row(const std::vector<float>& values, int agent, int number) const {
    const auto begin = values.begin() + (agent * shape_.rows + number) * shape_.columns;
    return {begin, begin + shape_.columns};
  }

  std::size_t elements() const { return elements_; }
  std::vector<std::vector<float>> inputs, gradients, weights, biases;

 private:
  struct Buffers {
    Buffers(const LayerNormCase& c, std::size_t i)
        : value(layer_norm_agents, c.shape_.rows, c.shape_.columns, 3, c.inputs[i]),
          gradient(layer_norm_agents, c.shape_.rows, c.shape_.columns, 2, c.gradients[i]),
          normalised(layer_norm_agents, c.shape_.rows, c.shape_.columns, 1),
          deviation(static_cast<std::size_t>(layer_norm_agents * c.shape_.rows)),
          weight(c.weights[i]),
          bias(c.biases[i]),
          weight_gradient(layer_norm_agents * c.vector_),
          bias_gradient(layer_norm_agents * c.vector_) {}
    MatrixBuffer value, gradient, normalised;
    DeviceBuffer<float> deviation, weight, bias, weight_gradient, bias_gradient;
  };

  LayerNormShape shape_;
  std::size_t elements_, vector_;
};

class LayerNormKernel : public testing::TestWithParam<LayerNormShape> {};
INSTANTIATE_TEST_SUITE_P(Shapes, LayerNormKernel, testing::ValuesIn(layer_norm_shapes),
                         [](const auto& instance) {
                           return std::to_string(instance.param.rows) + "x" +
                                  std::to_string(instance.param.columns);
                         });

TEST_P(LayerNormKernel, NormalisesAndActivates) {
  const LayerNormCase c(GetParam());
  const auto [rows, columns] = GetParam();
  for (const Activation activation : {Activation::relu, Activation::tanh, Activation::elu}) {
    const LayerNormCase::Result result = c.run(0, layer_norm_agents, activation, false);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      for (int agent = 0; agent < layer_norm_agents; ++agent) {
        for (int row = 0; row < rows; ++row) {
          const std::vector<double> x = c.row(c.inputs[layer], agent, row);
          const std::vector<double> expected =
              norm(x, &c.weights[layer][static_cast<std::size_t>(agent * columns)],
                   &c.biases[layer][static_cast<std::size_t>(agent * columns)]);
          const std::vector<double> actual = c.row(result.outputs[layer], agent, row);
          const double allowed = normalised_error(deviation_of(x));
          for (std::size_t i = 0; i < expected.size(); ++i) {
            ASSERT_NEAR(actual[i], oracle::activated(activation, expected[i]), allowed)
                << row << ' ' << i;
          }
        }
      }
    }
  }
}

// dL/dx of L = sum of gradient * (g * normalised(x) + h), by central differences.
TEST_P(LayerNormKernel, GradientsMatchFiniteDifferences) {
  const LayerNormCase c(GetParam());
  const auto [rows, columns] = GetParam();
  const LayerNormCase::Result result = c.run(0, layer_norm_agents, Activation::tanh, true);
  constexpr std::size_t layer = 1;
  for (int agent = 0; agent < layer_norm_agents; ++agent) {
    const std::size_t vector = static_cast<std::size_t>(agent * columns);
    const float* const weight = &c.weights[layer][vector];
    const float* const bias = &c.biases[layer][vector];
    std::vector<ReferenceSum> weight_gradient(static_cast<std::size_t>(columns));
    std::vector<ReferenceSum> bias_gradient = weight_gradient;
    double weight_error = 0.0;
    for (int row = 0; row < rows; ++row) {
      std::vector<double> x = c.row(c.inputs[layer], agent, row);
      const std::vector<double> gradient = c.row(c.gradients[layer], agent, row);
      const std::vector<double> actual = c.row(result.input_gradients[layer], agent, row);
      const std::vector<float> ones(x.size(), 1.0f), zeros(x.size(), 0.0f);
      const std::vector<double> normalised = norm(x, ones.data(), zeros.data());
      const double deviation = deviation_of(x);
      weight_error += normalised_error(deviation);
      for (std::size_t i = 0; i < x.size(); ++i) {
        weight_gradient[i].add(gradient[i] * normalised[i]);
        bias_gradient[i].add(gradient[i]);
      }
      const auto loss = [&] {
        const std::vector<double> y = norm(x, weight, bias);
        double sum = 0.0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += gradient[i] * y[i];
        return sum;
      };
      for (std::size_t i = 0; i < x.size(); i += 17) {
        const double expected = extrapolated_difference(x[i], 1e-2 * deviation, loss);
        ASSERT_NEAR(actual[i], expected, normalised_gradient_error(deviation)) << row << ' ' << i;
      }
    }
    if (rows == 0) return;
    for (std::size_t i = 0; i < weight_gradient.size(); ++i) {
      ASSERT_NEAR(result.weight_gradients[layer][vector + i], weight_gradient[i].value,
                  weight_gradient[i].tolerance() + weight_error);
      ASSERT_NEAR(result.bias_gradients[layer][vector + i], bias_gradient[i].value,
                  bias_gradient[i].tolerance());
    }
  }
}

TEST_P(LayerNormKernel, AgentsDoNotDependOnEachOtherOrOnTheOrderOfThreads) {
  const LayerNormCase c(GetParam());
  if (c.elements() == 0) return;
  LayerNormCase::Result together;
  same_bits_in_every_order([&] {
    together = c.run(0, layer_norm_agents, Activation::elu, true);
    std::vector<float> all = together.outputs[1];
    for (const auto* part : {&together.input_gradients[1], &together.weight_gradients[1],
                             &together.bias_gradients[1]}) {
      all.insert(all.end(), part->begin(), part->end());
    }
    return all;
  });
  const LayerNormCase::Result alone = c.run(2, 1, Activation::elu, true);
  const auto columns = static_cast<std::ptrdiff_t>(GetParam().columns);
  const auto last = [](const std::vector<float>& values, std::ptrdiff_t count) {
    return std::vector<float>(values.end() - count, values.end());
  };
  const auto elements = static_cast<std::ptrdiff_t>(c.elements());
  EXPECT_TRUE(same_bits(last(alone.outputs[1], elements), last(together.outputs[1], elements)));
  EXPECT_TRUE(same_bits(last(alone.input_gradients[1], elements),
                        last(together.input_gradients[1], elements)));
  EXPECT_TRUE(same_bits(std::vector<float>(alone.weight_gradients[1].begin(),
                                           alone.weight_gradients[1].begin() + columns),
                        last(together.weight_gradients[1], columns)));
}

TEST(LayerNormKernelRefusal, OfDifferentSizesAndTooMany) {
  const kernels::LayerNormForward layer{{1, 2, 3, Activation::tanh, {}, {}}, {}, {}, {}};
  std::vector<kernels::LayerNormForward> several(2, layer);
  several[1].layer.columns = 4;
  EXPECT_EQ(kernels::launch_layer_norm_forward(several, nullptr), cudaErrorInvalidValue);
  several.assign(kernels::max_layer_norms + 1, layer);
  EXPECT_EQ(kernels::launch_layer_norm_forward(several, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(kernels::launch_layer_norm_forward({}, nullptr), cudaSuccess);
}

}  // namespace
}  // namespace polyak::test
