#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

std::vector<float> wave(std::size_t size, float frequency) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = std::sin(frequency * static_cast<float>(i));
  return values;
}

/// The layer in double precision, for one element.
double expected_linear(const std::vector<float>& x, const std::vector<float>& w, float bias,
                       std::size_t row, std::size_t column, std::size_t inputs) {
  double sum = bias;
  for (std::size_t i = 0; i < inputs; ++i) {
    sum += static_cast<double>(x[row * inputs + i]) * w[column * inputs + i];
  }
  return std::max(sum, 0.0);
}

struct LayerShape {
  int rows;
  int inputs;
  int outputs;
};

class LinearLayer : public testing::TestWithParam<LayerShape> {
 protected:
  LinearLayer()
      : rows_(static_cast<std::size_t>(GetParam().rows)),
        inputs_(static_cast<std::size_t>(GetParam().inputs)),
        outputs_(static_cast<std::size_t>(GetParam().outputs)) {}

  void expect_right(const std::vector<float>& y) const {
    for (std::size_t row = 0; row < rows_; ++row) {
      for (std::size_t column = 0; column < outputs_; ++column) {
        EXPECT_NEAR(y[row * outputs_ + column],
                    expected_linear(x_, w_, b_[column], row, column, inputs_), 1e-5);
      }
    }
  }

  std::size_t rows_;
  std::size_t inputs_;
  std::size_t outputs_;
  std::vector<float> x_ = wave(rows_ * inputs_, 0.1f);
  std::vector<float> w_ = wave(outputs_ * inputs_, 0.37f);
  std::vector<float> b_ = wave(outputs_, 0.7f);
  DeviceArray<float> device_x_{x_};
  DeviceArray<float> device_w_{w_};
  DeviceArray<float> device_b_{b_};
  DeviceArray<float> device_y_{rows_ * outputs_};
};

TEST_P(LinearLayer, WithStaticSharedTiles) {
  const auto [rows, inputs, outputs] = GetParam();
  const dim3 grid(static_cast<unsigned>(outputs + 7) / 8, static_cast<unsigned>(rows + 7) / 8);
  run({grid, dim3(8, 8)}, tiled_linear<8>, device_x_.data(), device_w_.data(), device_b_.data(),
      device_y_.data(), rows, inputs, outputs);
  expect_right(device_y_.read());
}

TEST_P(LinearLayer, WithDynamicSharedRows) {
  const auto [rows, inputs, outputs] = GetParam();
  run(LaunchShape(dim3(static_cast<unsigned>(rows)), dim3(33)).shared(inputs_ * sizeof(float)),
      row_linear, device_x_.data(), device_w_.data(), device_b_.data(), device_y_.data(), inputs,
      outputs);
  expect_right(device_y_.read());
}

INSTANTIATE_TEST_SUITE_P(Shapes, LinearLayer,
                         testing::Values(LayerShape{1, 1, 1}, LayerShape{17, 31, 9},
                                         LayerShape{16, 33, 24}));

TEST(BlockBarrier, GivesTheSameBitsInEveryOrder) {
  const DeviceArray<float> x(wave(16 * 20, 0.3f));
  const DeviceArray<float> y(8 * 16);
  EXPECT_EQ(distinct_results([&] {
              run({dim3(2, 1), dim3(8, 8)}, tiled_linear<8>, x.data(), x.data(), x.data(), y.data(),
                  8, 20, 16);
              return y.read();
            }),
            1u);
}

TEST(BlockBarrier, CountsVotes) {
  const DeviceArray<int> out(3);
  run({dim3(1), dim3(70)}, block_votes, out.data(), 33u);
  EXPECT_EQ(out.read(), (std::vector<int>{33, 0, 1}));
  run({dim3(1), dim3(70)}, block_votes, out.data(), 70u);
  EXPECT_EQ(out.read(), (std::vector<int>{70, 1, 1}));
  run({dim3(1), dim3(70)}, block_votes, out.data(), 0u);
  EXPECT_EQ(out.read(), (std::vector<int>{0, 0, 0}));
}

TEST(BlockBarrier, CatchesHalfAWarpThatDoesNotCome) {
  const DeviceArray<float> out(32);
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_divergent_barrier, out.data());
      },
      {"barrier divergence", "left the kernel", "__syncthreads", "broken_barriers.cu:"});
}

TEST(BlockBarrier, CatchesThreadsAtDifferentBarriers) {
  const DeviceArray<float> out(32);
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_two_barriers, out.data());
      },
      {"barrier divergence", "while others of its group wait at __syncthreads at broken_barriers"});
}

TEST(BlockBarrier, CatchesEarlyReturn) {
  const DeviceArray<float> out(32);
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_early_return, out.data(), 20u);
      },
      {"barrier divergence", "thread ("});
}

TEST(BlockBarrier, ForgivesEarlyReturnOnRequest) {
  const ScopedOptions restore;
  options().strict_exit = false;
  const DeviceArray<float> out(32);
  run({dim3(1), dim3(32)}, bug_early_return, out.data(), 20u);
  EXPECT_EQ(out.read()[19], 1.0f);
}

TEST(BlockBarrier, ExplainsADeadlock) {
  const DeviceArray<float> out(32);
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_shuffle_against_barrier, out.data());
      },
      {"deadlock", "16 threads wait at __shfl_xor_sync at broken_barriers.cu:",
       "(mask ffffffff), first block (0,0,0) thread (0,0,0)",
       "16 threads wait at __syncthreads at broken_barriers.cu:",
       "first block (0,0,0) thread (16,0,0)"});
}

}  // namespace
}  // namespace polyak::emulator_tests
