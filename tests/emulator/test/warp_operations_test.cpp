#include <numeric>

#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

TEST(WarpOperations, ExchangeAndVote) {
  const DeviceArray<int> out(32 * 8);
  run({dim3(1), dim3(32)}, exercise_warp, out.data());
  const std::vector<int> values = out.read();
  for (int lane = 0; lane < 32; ++lane) {
    const int* mine = &values[static_cast<std::size_t>(lane) * 8];
    EXPECT_EQ(mine[0], (lane / 8 * 8 + 3) * 10);
    EXPECT_EQ(mine[1], lane % 16 < 2 ? lane : lane - 2);
    EXPECT_EQ(mine[2], lane % 16 >= 14 ? lane : lane + 2);
    EXPECT_EQ(mine[3], 0x49249249);
    EXPECT_EQ(mine[4], 1);
    EXPECT_EQ(mine[5], 0);
    EXPECT_EQ(mine[6], lane ^ 5);
    EXPECT_EQ(mine[7], lane < 16 ? 15 : 116);
  }
}

TEST(WarpOperations, ReduceInWarpsThatDiverge) {
  std::vector<float> x(1000);
  std::iota(x.begin(), x.end(), 0.0f);
  const DeviceArray<float> device_x(x);
  const DeviceArray<float> out(std::vector<float>{0.0f});
  run({dim3(3), dim3(96)}, reduce_sum, device_x.data(), out.data(), 1000u);
  EXPECT_EQ(out.read()[0], 999.0f * 1000.0f / 2.0f);
}

TEST(WarpOperations, SyncwarpOrdersSharedMemory) {
  const DeviceArray<int> out(32);
  EXPECT_EQ(distinct_results([&] {
              run({dim3(1), dim3(32)}, rotate_by_syncwarp, out.data());
              return out.read();
            }),
            1u);
  for (int lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(out.read()[static_cast<std::size_t>(lane)], (lane + 3) % 32);
  }
}

TEST(WarpOperations, TilesReduce) {
  std::vector<float> x(40);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 7 % 11);
  const DeviceArray<float> device_x(x);
  const DeviceArray<float> out(40 * 3);
  run({dim3(1), dim3(40)}, tile_reductions, device_x.data(), out.data());
  const std::vector<float> values = out.read();
  for (std::size_t i = 0; i < 40; ++i) {
    const auto first = x.begin() + static_cast<std::ptrdiff_t>(i / 8 * 8);
    EXPECT_EQ(values[i * 3], *std::max_element(first, first + 8));
    EXPECT_EQ(values[i * 3 + 1], *std::min_element(first, first + 8));
    EXPECT_EQ(values[i * 3 + 2], std::accumulate(first, first + 8, 0.0f));
  }
}

TEST(WarpOperations, CatchLanesThatHaveLeft) {
  const DeviceArray<float> out(32);
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_shuffle_names_absent_lanes, out.data());
      },
      {"warp divergence", "__shfl_xor_sync at broken_barriers.cu:", "has left the kernel"});
}

TEST(WarpOperations, CatchDifferentOperations) {
  const DeviceArray<float> out(32);
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_shuffle_meets_vote, out.data());
      },
      {"warp divergence", "with another mask or operation", "__shfl_xor_sync", "__ballot_sync"});
}

TEST(WarpOperations, CatchLaneOutsideItsOwnMask) {
  const DeviceArray<float> out(32);
  expect_kernel_error(
      [&] {
        run({dim3(1), dim3(32)}, bug_not_in_own_mask, out.data());
      },
      {"warp divergence", "is not in its own mask"});
}

}  // namespace
}  // namespace polyak::emulator_tests
