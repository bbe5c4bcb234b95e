#include "kernels/gradient_norm.hpp"

#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

constexpr int agents = 3, networks = 2;

/// The scales [count, networks] of the agents from `first` on.
std::vector<float> scales(std::int64_t parameters, const std::vector<float>& gradients,
                          const std::vector<float>& largest_norms) {
  const std::size_t count = largest_norms.size();
  const auto blocks = static_cast<std::size_t>(kernels::gradient_norm_blocks(parameters));
  const DeviceBuffer<float> gradient(gradients), largest_norm(largest_norms),
      scale(count * networks);
  const DeviceBuffer<double> parts(count * networks * blocks);
  const DeviceBuffer<unsigned> arrivals(std::vector<unsigned>(count * networks, 0));
  finish(kernels::launch_gradient_norm(
      {static_cast<int>(count), networks, parameters, gradient.data(), largest_norm.data(),
       scale.data(), parts.data(), arrivals.data()},
      nullptr));
  for (const unsigned left : arrivals.download()) EXPECT_EQ(left, 0u);
  return scale.download();
}

class GradientNormKernel : public testing::TestWithParam<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, GradientNormKernel,
                         testing::Values(1, 31, 32, 1023, 4096, 4097, 9000, 20000));

TEST_P(GradientNormKernel, ScalesDownToTheLargestNorm) {
  const std::int64_t parameters = GetParam();
  const auto size = static_cast<std::size_t>(parameters);
  const std::vector<float> gradients = random_values(agents * networks * size, 1);
  const std::vector<float> largest_norms = {0.5f, 0.0f, 1e4f};
  const std::vector<float> result = scales(parameters, gradients, largest_norms);
  for (std::size_t network = 0; network < result.size(); ++network) {
    double sum = 0.0;
    for (std::size_t i = 0; i < size; ++i) {
      const double value = static_cast<double>(gradients[network * size + i]);
      sum += value * value;
    }
    const double largest = static_cast<double>(largest_norms[network / networks]);
    const bool clips = largest > 0.0 && std::sqrt(sum) > largest;
    const double expected = clips ? largest / (std::sqrt(sum) + 1e-6) : 1.0;
    ASSERT_NEAR(result[network], expected, 1e-7 * expected) << network;
  }
}

TEST_P(GradientNormKernel, AgentsDoNotDependOnEachOtherOrOnTheOrderOfThreads) {
  const std::int64_t parameters = GetParam();
  const auto size = static_cast<std::size_t>(parameters);
  const std::vector<float> gradients = random_values(agents * networks * size, 1);
  const std::vector<float> together = same_bits_in_every_order([&] {
    return scales(parameters, gradients, {0.5f, 0.4f, 0.3f});
  });
  const auto own = gradients.end() - static_cast<std::ptrdiff_t>(networks * size);
  EXPECT_TRUE(same_bits(scales(parameters, {own, gradients.end()}, {0.3f}),
                        {together.end() - networks, together.end()}));
}

TEST(GradientNormKernelEdge, NoGradientAndNoNumber) {
  EXPECT_EQ(scales(2, {0.0f, 0.0f, 0.0f, 0.0f}, {1.0f}), (std::vector<float>{1.0f, 1.0f}));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(scales(2, {nan, 0.0f, 3.0f, 4.0f}, {5.0f})[0], 1.0f) << "the NaN itself will be found";
}

}  // namespace
}  // namespace polyak::test
