// Sizes at the limits of a grid: 65,535 agents, and more tiles of rows than y could count.
#include "kernels/batch_norm.hpp"
#include "kernels/environments.hpp"
#include "kernels/kernel_test.hpp"
#include "kernels/linear_forward.hpp"
#include "polyak/environment/pendulum.hpp"

namespace polyak::test {
namespace {

/// y = 2 x + b with one input and one output; x counts rows.
TEST(Limits, ForwardOfMoreRowsThan65535TilesHold) {
  constexpr int rows_of_a_narrow_tile = 256;
  constexpr int batch = 65536 * rows_of_a_narrow_tile + 7;
  std::vector<float> x(batch);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 4096);
  const DeviceBuffer<float> input(x), output(x.size());
  const DeviceBuffer<float> weight(std::vector<float>{2.0f}), bias(std::vector<float>{0.5f});
  finish(kernels::launch_linear_forward({1,
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
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(y[i], 2.0f * x[i] + 0.5f) << i;
}

/// Four layers of one feature each, by running statistics of mean 1 and variance 1.
TEST(Limits, BatchNormOfMoreRowsThanAGridsDepthCounts) {
  constexpr int rows_of_a_block = 256, norms = kernels::max_batch_norms;
  constexpr int rows = 65536 / norms * rows_of_a_block + 7;
  std::vector<float> x(rows);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 4096);
  const DeviceBuffer<float> input(x), weight(std::vector<float>{1.0f}),
      bias(std::vector<float>{0.0f}), mean(std::vector<float>{1.0f}),
      variance(std::vector<float>{1.0f});
  const DeviceBuffer<float> output(x.size() * norms);
  std::vector<kernels::BatchNormForward> group;
  for (std::int64_t i = 0; i < norms; ++i) {
    group.push_back(
        {.layer = {1, rows, 1, Activation::identity, {weight.data(), 1}, {bias.data(), 1}},
         .mode = BatchNormMode::evaluation,
         .momentum = 0.0f,
         .input = {input.data(), 1, rows},
         .output = {output.data() + i * rows, 1, rows},
         .running_mean = {mean.data(), 1},
         .running_variance = {variance.data(), 1},
         .normalised = {},
         .inverse_deviation = {}});
  }
  finish(kernels::launch_batch_norm_forward(group, nullptr));
  const std::vector<float> y = output.download();
  const float inverse = inverse_batch_deviation(1.0f);
  for (std::size_t i = 0; i < y.size(); ++i) {
    ASSERT_EQ(y[i], (x[i % x.size()] - 1.0f) * inverse) << i;
  }
}

cudaError_t observe(int agents, const float* states, float* observations) {
  return kernels::launch_observe(
      {{Pendulum::name, {}, 200}, agents, 1, states, {observations, 3, 3}}, nullptr);
}

TEST(Limits, EveryAgentThatAConfigurationAllows) {
  constexpr int agents = 65535;
  std::vector<float> state_values(std::size_t{2} * agents, 0.0f);
  for (std::size_t agent = 0; agent < agents; ++agent) {
    state_values[2 * agent + 1] = static_cast<float>(agent);  // the angular velocity
  }
  const DeviceBuffer<float> states(state_values), observations(std::size_t{3} * agents);
  finish(observe(agents, states.data(), observations.data()));
  const std::vector<float> result = observations.download();
  for (std::size_t agent = 0; agent < agents; ++agent) {
    ASSERT_EQ(result[3 * agent], 1.0f);
    ASSERT_EQ(result[3 * agent + 2], static_cast<float>(agent));
  }
}

TEST(Limits, OneAgentMoreIsRefused) {
  EXPECT_EQ(observe(65536, nullptr, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

}  // namespace
}  // namespace polyak::test
