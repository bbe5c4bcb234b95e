// A layer gives the same numbers whoever multiplies, and who multiplies depends on the shape alone.
#include "backend/cuda/layered/linear_operations.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "backend/cuda/layered/network_pass.hpp"
#include "support/configs.hpp"

namespace polyak::cuda {
namespace {

constexpr Precision precisions[] = {Precision::fp32, Precision::tf32, Precision::tf32x3,
                                    Precision::bf16};

TEST(MatrixProductRule, AnOptionDecidesForEveryShape) {
  for (const LayerShape shape : {LayerShape{1, 1, 1}, LayerShape{32768, 1024, 1024}}) {
    for (const Precision precision : precisions) {
      EXPECT_TRUE(uses_cublas({MatrixProduct::cublas, precision}, shape));
      EXPECT_FALSE(uses_cublas({MatrixProduct::own, precision}, shape));
    }
  }
}

TEST(MatrixProductRule, LeavesSmallShapesToOurKernels) {
  for (const Precision precision : precisions) {
    EXPECT_FALSE(uses_cublas({MatrixProduct::automatic, precision}, {256, 256, 256}));
  }
}

// The same bits on every device are fp32's.
TEST(MatrixProductRule, LeavesFp32ToOurKernelsUnlessAsked) {
  EXPECT_FALSE(uses_cublas({MatrixProduct::automatic, Precision::fp32}, {32768, 4096, 4096}));
}

TEST(MatrixProductRule, LeavesThreeProductsToOurKernelsAndWideLayersToCublas) {
  const auto automatic = [](Precision precision, const LayerShape& shape) {
    return uses_cublas({MatrixProduct::automatic, precision}, shape);
  };
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    EXPECT_FALSE(automatic(precision, {32768, 512, 256}));
    EXPECT_TRUE(automatic(precision, {32768, 512, 1024}));
  }
  EXPECT_FALSE(automatic(Precision::tf32x3, {32768, 512, 1024}));
}

TEST(MatrixProductRule, DoesNotDependOnTheNumberOfAgents) {
  Config config = test::small_config();
  config.precision = Precision::tf32;
  config.batch_size = 8192;
  config.critic_hidden = {1024, 512};
  for (const int operation_agents : {1, 2, 500}) {
    config.agents = operation_agents;
    EXPECT_TRUE(uses_cublas(config));
  }
  config.batch_size = 128;
  for (const int operation_agents : {1, 2, 500}) {
    config.agents = operation_agents;
    EXPECT_FALSE(uses_cublas(config));
  }
}

constexpr int operation_agents = 2;

DeviceBuffer<float> filled(std::int64_t count, float scale) {
  const Stream stream;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = scale * std::sin(scale + 0.37f * static_cast<float>(i));
  }
  DeviceBuffer<float> buffer(count, "a test");
  upload(buffer, values, stream);
  stream.synchronize();
  return buffer;
}

std::vector<float> values_of(const DeviceBuffer<float>& buffer, const Stream& stream) {
  std::vector<float> values(static_cast<std::size_t>(buffer.size()));
  download(values, buffer, stream);
  stream.synchronize();
  return values;
}

/// Dense matrices of all agents, the agents' starts aligned alike.
struct Block {
  Block(int rows, int columns, float scale)
      : leading_dimension(columns),
        agent_stride((static_cast<std::int64_t>(rows) * columns + 31) / 32 * 32),
        buffer(filled(operation_agents * agent_stride, scale)) {}
  kernels::StridedBatch view() const { return {buffer.data(), leading_dimension, agent_stride}; }
  std::int64_t leading_dimension, agent_stride;
  DeviceBuffer<float> buffer;
};

struct LayerCase {
  int batch, inputs, outputs;
  Activation activation;
};
void PrintTo(const LayerCase& layer, std::ostream* out) {
  *out << layer.batch << "x" << layer.inputs << "x" << layer.outputs << " "
       << to_string(layer.activation);
}

/// One layer of two agents, forwards and backwards, with a choice of matrix product.
class LinearOperationsTest : public testing::TestWithParam<LayerCase> {
 protected:
  struct Results {
    std::vector<float> output, input_gradient, parameter_gradient;
  };

  Results run(MatrixProduct product) {
    const LayerCase p = GetParam();
    Config config = test::small_config();
    config.agents = operation_agents;
    config.matrix_product = product;
    config.batch_size = p.batch;
    config.actor_hidden = {p.inputs, p.outputs};  // sizes the workspace
    MemoryBudget budget(MemoryBudget::Mode::allocate);
    const LinearOperations operations({product, Precision::fp32}, stream,
                                      LinearWorkspace(config, budget));

    const NetworkLayout layout =
        make_network_layout(p.inputs, {}, p.outputs, Activation::relu, p.activation);
    const LinearLayout& layer = layout.layers.front();
    const DeviceBuffer<float> parameters = filled(operation_agents * layout.stride, 0.3f);
    const DeviceBuffer<float> gradient = filled(operation_agents * layout.stride, 0.0f);
    const Block input(p.batch, p.inputs, 0.7f), output(p.batch, p.outputs, 0.0f),
        output_gradient(p.batch, p.outputs, 1.1f), input_gradient(p.batch, p.inputs, 0.0f);
    const kernels::ConstStridedBatch weight{parameters.data() + layer.weight_offset, p.inputs,
                                            layout.stride};
    const kernels::LinearForward forward{
        operation_agents, p.batch,
        p.inputs,         p.outputs,
        p.activation,     input.view(),
        weight,           {parameters.data() + layer.bias_offset, layout.stride},
        output.view()};
    const kernels::LinearBackwardInput backward_input{
        operation_agents, p.batch,      p.inputs,
        p.outputs,        p.activation, output_gradient.view(),
        weight,           input.view(), input_gradient.view()};
    const kernels::LinearBackwardWeight backward_weight{
        operation_agents,
        p.batch,
        p.inputs,
        p.outputs,
        output_gradient.view(),
        input.view(),
        {gradient.data() + layer.weight_offset, p.inputs, layout.stride},
        {gradient.data() + layer.bias_offset, layout.stride},
        nullptr};
    operations.forward(forward);
    operations.backward_input(backward_input);
    operations.backward_weight(backward_weight);
    return {values_of(output.buffer, stream), values_of(input_gradient.buffer, stream),
            values_of(gradient, stream)};
  }

  Stream stream;
};
INSTANTIATE_TEST_SUITE_P(Shapes, LinearOperationsTest,
                         testing::Values(LayerCase{1, 1, 1, Activation::identity},
                                         LayerCase{33, 31, 65, Activation::relu},
                                         LayerCase{32, 65, 1, Activation::tanh},
                                         LayerCase{100, 4, 33, Activation::elu}));

void expect_near(const std::vector<float>& expected, const std::vector<float>& actual) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(expected[i], actual[i], 2e-5f * (1.0f + std::abs(expected[i]))) << i;
  }
}

TEST_P(LinearOperationsTest, OwnKernelsAndCublasAgree) {
  const Results own = run(MatrixProduct::own);
  const Results cublas = run(MatrixProduct::cublas);
  expect_near(own.output, cublas.output);
  expect_near(own.input_gradient, cublas.input_gradient);
  expect_near(own.parameter_gradient, cublas.parameter_gradient);
}

// A batch so large is summed in slices, whose parts lie in one workspace: those of one layer must
// not lie where those of the other are.
TEST(SlicedLayers, TwoInOneCallHaveTheBitsThatTheyHaveAlone) {
  constexpr int batch = 1100, inputs = 3, outputs = 5;
  Config config = test::small_config();
  config.agents = operation_agents;
  config.batch_size = batch;
  config.actor_hidden = {inputs, outputs, outputs};
  const Stream stream;
  MemoryBudget budget(MemoryBudget::Mode::allocate);
  const LinearOperations operations({MatrixProduct::own, Precision::fp32}, stream,
                                    LinearWorkspace(config, budget));
  const Block input(batch, inputs, 0.7f), first(batch, outputs, 1.1f), second(batch, outputs, 0.4f);
  const auto gradients_of = [&](const std::vector<const Block*>& output_gradients) {
    std::vector<DeviceBuffer<float>> weights, biases;
    std::vector<kernels::LinearBackwardWeight> layers;
    for (const Block* const output_gradient : output_gradients) {
      weights.push_back(filled(operation_agents * inputs * outputs, 0.0f));
      biases.push_back(filled(operation_agents * outputs, 0.0f));
      layers.push_back({operation_agents,
                        batch,
                        inputs,
                        outputs,
                        output_gradient->view(),
                        input.view(),
                        {weights.back().data(), inputs, inputs * outputs},
                        {biases.back().data(), outputs},
                        nullptr});
    }
    operations.backward_weight(layers);
    std::vector<std::vector<float>> values;
    for (const DeviceBuffer<float>& one : weights) values.push_back(values_of(one, stream));
    return values;
  };
  const auto together = gradients_of({&first, &second});
  EXPECT_NE(together[0], together[1]);
  EXPECT_EQ(together[0], gradients_of({&first})[0]);
  EXPECT_EQ(together[1], gradients_of({&second})[0]);
}

}  // namespace
}  // namespace polyak::cuda
