// Sizes at the limits of a grid: 65,535 agents, and more rows than 65,535 tiles hold.
#include "kernels/kernel_test.hpp"
#include "kernels/linear_forward.hpp"

namespace polyak::test {
namespace {

/// y = 2 x + b with one input and one output; x counts rows and agents.
void expect_forward(int agents, int batch) {
  const auto rows = static_cast<std::size_t>(agents) * static_cast<std::size_t>(batch);
  std::vector<float> x(rows);
  for (std::size_t i = 0; i < rows; ++i) x[i] = static_cast<float>(i % 4096);
  const DeviceBuffer<float> input(x), output(rows);
  const DeviceBuffer<float> weight(std::vector<float>(static_cast<std::size_t>(agents), 2.0f));
  const DeviceBuffer<float> bias(std::vector<float>(static_cast<std::size_t>(agents), 0.5f));
  finish(kernels::launch_linear_forward({agents,
                                         batch,
                                         1,
                                         1,
                                         Activation::identity,
                                         {input.data(), 1, batch},
                                         {weight.data(), 1, 1},
                                         {bias.data(), 1},
                                         {output.data(), 1, batch}},
                                        nullptr));
  const std::vector<float> y = output.download();
  for (std::size_t i = 0; i < rows; ++i) ASSERT_EQ(y[i], 2.0f * x[i] + 0.5f) << i;
}

TEST(Limits, ForwardOfEveryAgentThatAConfigurationAllows) { expect_forward(65535, 1); }

TEST(Limits, ForwardOfMoreRowsThan65535TilesHold) { expect_forward(1, 65535 * 64 + 1000); }

}  // namespace
}  // namespace polyak::test
