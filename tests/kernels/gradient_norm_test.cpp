#include "kernels/gradient_norm.hpp"

#include "kernels/kernel_test.hpp"
#include "polyak/core/summation.hpp"

namespace polyak::test {
namespace {

constexpr int gradient_agents = 3, networks = 2;

struct NormResult {
  std::vector<float> scales;                  // [agents, networks]
  std::vector<kernels::UpdateTotals> totals;  // [agents]
};

/// So many parameters as three matrices, the last of one column; gaps between them count nothing.
std::vector<kernels::GradientMatrix> matrices_of(std::int64_t parameters) {
  std::vector<kernels::GradientMatrix> matrices;
  std::int64_t offset = 0, tile = 0;
  const auto add = [&](std::int64_t rows, std::int64_t columns) {
    if (rows == 0) return;
    matrices.push_back({offset, rows, columns, tile});
    offset += rows * columns;
    tile += TileOrder::tiles(rows, columns);
  };
  add(parameters / 2 / 33, 33);
  add((parameters - offset) / 10, 5);
  add(parameters - offset, 1);
  return matrices;
}

std::int64_t tiles_of(const std::vector<kernels::GradientMatrix>& matrices) {
  const kernels::GradientMatrix& last = matrices.back();
  return last.first_tile + TileOrder::tiles(last.rows, last.columns);
}

/// Of as many agents as have a largest norm; without `clips` nobody is told of them.
NormResult measure(std::int64_t parameters, const std::vector<float>& gradients,
                   const std::vector<float>& largest_norms, bool clips = true,
                   bool of_actor = false) {
  const std::size_t count = largest_norms.size();
  const std::vector<kernels::GradientMatrix> matrices = matrices_of(parameters);
  const DeviceBuffer<kernels::GradientMatrix> matrix(matrices);
  const std::int64_t tiles = tiles_of(matrices);
  const DeviceBuffer<float> gradient(gradients), largest_norm(largest_norms),
      scale(count * networks);
  const DeviceBuffer<double> tile_sums(count * networks * static_cast<std::size_t>(tiles));
  const DeviceBuffer<unsigned> arrivals(std::vector<unsigned>(count, 0));
  const DeviceBuffer<kernels::UpdateTotals> totals{std::vector<kernels::UpdateTotals>(count)};
  finish(kernels::launch_gradient_norm(
      {static_cast<int>(count), networks, parameters, gradient.data(),
       clips ? largest_norm.data() : nullptr, clips ? scale.data() : nullptr, matrix.data(),
       static_cast<int>(matrices.size()), tiles, tile_sums.data(), arrivals.data(), totals.data(),
       of_actor},
      nullptr));
  for (const unsigned left : arrivals.download()) EXPECT_EQ(left, 0u);
  return {scale.download(), totals.download()};
}

std::vector<float> scales(std::int64_t parameters, const std::vector<float>& gradients,
                          const std::vector<float>& largest_norms) {
  return measure(parameters, gradients, largest_norms).scales;
}

class GradientNormKernel : public testing::TestWithParam<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, GradientNormKernel,
                         testing::Values(1, 31, 32, 1023, 4096, 4097, 9000, 20000));

TEST_P(GradientNormKernel, ScalesDownToTheLargestNorm) {
  const std::int64_t parameters = GetParam();
  const auto size = static_cast<std::size_t>(parameters);
  const std::vector<float> gradients = random_values(gradient_agents * networks * size, 1);
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

TEST_P(GradientNormKernel, AddsTheMeanNormOfAnAgentsNetworks) {
  const std::int64_t parameters = GetParam();
  const auto size = static_cast<std::size_t>(parameters);
  const std::vector<float> gradients = random_values(gradient_agents * networks * size, 1);
  for (const bool clips : {true, false}) {
    const auto totals = measure(parameters, gradients, {0.5f, 0.0f, 1e4f}, clips, !clips).totals;
    for (std::size_t agent = 0; agent < gradient_agents; ++agent) {
      double expected = 0.0;
      for (std::size_t network = agent * networks; network < (agent + 1) * networks; ++network) {
        double sum = 0.0;
        for (std::size_t i = 0; i < size; ++i) {
          sum += std::pow(static_cast<double>(gradients[network * size + i]), 2);
        }
        expected += std::sqrt(sum) / networks;
      }
      const double critics = totals[agent].critic_gradient_norm_sum;
      const double actors = totals[agent].actor_gradient_norm_sum;
      EXPECT_NEAR(clips ? critics : actors, expected, 1e-12 * expected);
      EXPECT_EQ(clips ? actors : critics, 0.0);
    }
  }
}

TEST_P(GradientNormKernel, AgentsDoNotDependOnEachOtherOrOnTheOrderOfThreads) {
  const std::int64_t parameters = GetParam();
  const auto size = static_cast<std::size_t>(parameters);
  const std::vector<float> gradients = random_values(gradient_agents * networks * size, 1);
  const std::vector<float> together = same_bits_in_every_order([&] {
    return scales(parameters, gradients, {0.5f, 0.4f, 0.3f});
  });
  const auto own = gradients.end() - static_cast<std::ptrdiff_t>(networks * size);
  EXPECT_TRUE(same_bits(scales(parameters, {own, gradients.end()}, {0.3f}),
                        {together.end() - networks, together.end()}));
}

// The order that polyak/core/summation.hpp promises, to the bit.
TEST_P(GradientNormKernel, SumsTilesInTheirOrder) {
  const std::int64_t parameters = GetParam();
  const std::vector<float> gradients =
      random_values(networks * static_cast<std::size_t>(parameters), 1);
  const std::vector<kernels::GradientMatrix> matrices = matrices_of(parameters);
  double norms = 0.0;
  for (int network = 0; network < networks; ++network) {
    std::vector<double> tiles;
    for (const kernels::GradientMatrix& matrix : matrices) {
      const float* const values = gradients.data() + network * parameters + matrix.offset;
      for (std::int64_t row = 0; row < matrix.rows; row += TileOrder::tile_rows) {
        for (std::int64_t column = 0; column < matrix.columns; column += TileOrder::tile_columns) {
          tiles.push_back(TileOrder::sum_of_squares(
              static_cast<int>(std::min<std::int64_t>(TileOrder::tile_rows, matrix.rows - row)),
              static_cast<int>(
                  std::min<std::int64_t>(TileOrder::tile_columns, matrix.columns - column)),
              [&](int i, int j) { return values[(row + i) * matrix.columns + column + j]; }));
        }
      }
    }
    norms += std::sqrt(TileOrder::sum_over_tiles(
        static_cast<std::int64_t>(tiles.size()),
        [&](std::int64_t tile) { return tiles[static_cast<std::size_t>(tile)]; }));
  }
  EXPECT_EQ(measure(parameters, gradients, {0.0f}).totals[0].critic_gradient_norm_sum,
            norms / networks);
}

TEST(GradientNormKernelEdge, NoGradientAndNoNumber) {
  EXPECT_EQ(scales(2, {0.0f, 0.0f, 0.0f, 0.0f}, {1.0f}), (std::vector<float>{1.0f, 1.0f}));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(scales(2, {nan, 0.0f, 3.0f, 4.0f}, {5.0f})[0], 1.0f) << "the NaN itself will be found";
}

}  // namespace
}  // namespace polyak::test
