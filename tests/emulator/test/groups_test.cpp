#include "emulator/test/kernels/kernels.cuh"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

std::vector<float> ramp(std::size_t size) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<float>(i % 97);
  return values;
}

TEST(Grid, SynchronisesInACooperativeLaunch) {
  const DeviceArray<float> x(ramp(96));
  const DeviceArray<float> scratch(96);
  run(LaunchShape(dim3(3), dim3(32)).cooperative(), mirror_means, x.data(), scratch.data(), 1);
  const std::vector<float> start = ramp(96);
  const std::vector<float> result = x.read();
  for (std::size_t i = 0; i < 96; ++i) {
    EXPECT_EQ(result[i], 0.5f * (start[i] + start[95 - i]) + 1.0f);
  }
}

TEST(Grid, GivesTheSameBitsInEveryOrder) {
  DeviceArray<float> x(96);
  const DeviceArray<float> scratch(96);
  EXPECT_EQ(distinct_results([&] {
              x.write(ramp(96));
              run(LaunchShape(dim3(3), dim3(32)).cooperative(), mirror_means, x.data(),
                  scratch.data(), 5);
              return x.read();
            }),
            1u);
}

TEST(Grid, CatchesSynchronisationWithoutCooperativeLaunch) {
  const DeviceArray<float> x(ramp(64));
  expect_kernel_error(
      [&] {
        run({dim3(2), dim3(32)}, mirror_means, x.data(), x.data(), 1);
      },
      {"grid synchronisation in a launch that is not cooperative", "groups.cu:"});
}

TEST(Grid, RefusesMoreBlocksThanTheDeviceHolds) {
  const DeviceArray<float> x(1);
  LaunchShape shape = LaunchShape(dim3(9), dim3(1024)).cooperative();
  EXPECT_EQ(cudaLaunchKernelEx(shape.config(), mirror_means, x.data(), x.data(), 0),
            cudaErrorCooperativeLaunchTooLarge);
  EXPECT_EQ(cudaGetLastError(), cudaErrorCooperativeLaunchTooLarge);
}

TEST(Grid, MissingBarrierShowsInTheBits) {
  const DeviceArray<float> x(64);
  const DeviceArray<float> out(64);
  EXPECT_GE(distinct_results([&] {
              run(LaunchShape(dim3(4), dim3(16)).cooperative(), bug_missing_grid_barrier, x.data(),
                  out.data());
              return out.read();
            }),
            2u);
}

TEST(Grid, DependenceBetweenBlocksShowsInTheBits) {
  const DeviceArray<float> out(32);
  EXPECT_GE(distinct_results([&] {
              check(cudaMemset(out.data(), 0, out.bytes()));
              run({dim3(32), dim3(1)}, bug_depends_on_other_block, out.data());
              return out.read();
            }),
            2u);
}

TEST(Grid, BlocksInFlightTogetherCanWaitForEachOther) {
  const DeviceArray<int> flag(std::vector<int>{0});
  const DeviceArray<float> value(2);
  run(LaunchShape(dim3(2), dim3(1)).cooperative(), hand_over, flag.data(), value.data());
  EXPECT_EQ(value.read()[1], 42.0f);
}

// Under ThreadSanitizer this fails if a fence orders only blocks that are in flight together.
TEST(Grid, FencesOrderBlocksThatRunOneAfterTheOther) {
  constexpr unsigned blocks = 7;
  const DeviceArray<float> parts(blocks), sum(1);
  const DeviceArray<unsigned> arrivals(std::vector<unsigned>{0});
  run({dim3(blocks), dim3(1)}, last_block_adds, parts.data(), arrivals.data(), sum.data());
  EXPECT_EQ(sum.read()[0], 28.0f);
  EXPECT_EQ(arrivals.read()[0], 0u);
}

class ClusterOf : public testing::TestWithParam<unsigned> {};

TEST_P(ClusterOf, SumsOverPeersSharedMemory) {
  const unsigned blocks = GetParam();
  check(cudaFuncSetAttribute(cluster_sum, cudaFuncAttributeNonPortableClusterSizeAllowed, 1));
  const DeviceArray<float> x(std::vector<float>(2 * blocks * 50, 1.0f));
  const DeviceArray<float> out(2 * blocks);
  run(LaunchShape(dim3(2 * blocks), dim3(6)).cluster(blocks), cluster_sum, x.data(), out.data(),
      50u);
  EXPECT_EQ(out.read(), std::vector<float>(2 * blocks, static_cast<float>(50 * blocks)));
}

TEST_P(ClusterOf, WritesIntoPeersSharedMemory) {
  const unsigned blocks = GetParam();
  check(
      cudaFuncSetAttribute(cluster_neighbours, cudaFuncAttributeNonPortableClusterSizeAllowed, 1));
  const DeviceArray<int> out(blocks);
  EXPECT_EQ(distinct_results([&] {
              run(LaunchShape(dim3(blocks), dim3(4)).cluster(blocks).shared(sizeof(int)),
                  cluster_neighbours, out.data());
              return out.read();
            }),
            1u);
  for (unsigned rank = 0; rank < blocks; ++rank) {
    EXPECT_EQ(out.read()[rank], static_cast<int>((rank + blocks - 1) % blocks));
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ClusterOf, testing::Values(1u, 2u, 7u, 16u));

TEST(Cluster, RefusesMoreThanEightBlocksWithoutOptIn) {
  check(cudaFuncSetAttribute(cluster_sum, cudaFuncAttributeNonPortableClusterSizeAllowed, 0));
  const DeviceArray<float> x(1);
  LaunchShape nine = LaunchShape(dim3(9), dim3(32)).cluster(9);
  EXPECT_EQ(cudaLaunchKernelEx(nine.config(), cluster_sum, x.data(), x.data(), 0u),
            cudaErrorInvalidClusterSize);
  LaunchShape uneven = LaunchShape(dim3(9), dim3(32)).cluster(4);
  EXPECT_EQ(cudaLaunchKernelEx(uneven.config(), cluster_sum, x.data(), x.data(), 0u),
            cudaErrorInvalidClusterSize);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidClusterSize);
}

TEST(Cluster, TakesComputeCapabilityNine) {
  const ScopedOptions restored;
  options().capability = 75;
  int value = 0;
  check(cudaDeviceGetAttribute(&value, cudaDevAttrComputeCapabilityMajor, 0));
  EXPECT_EQ(value, 7);
  check(cudaDeviceGetAttribute(&value, cudaDevAttrComputeCapabilityMinor, 0));
  EXPECT_EQ(value, 5);
  check(cudaDeviceGetAttribute(&value, cudaDevAttrClusterLaunch, 0));
  EXPECT_EQ(value, 0);
  LaunchShape two = LaunchShape(dim3(2), dim3(32)).cluster(2);
  const DeviceArray<float> x(1);
  EXPECT_EQ(cudaLaunchKernelEx(two.config(), cluster_sum, x.data(), x.data(), 0u),
            cudaErrorNotSupported);
  EXPECT_EQ(cudaOccupancyMaxActiveClusters(&value, cluster_sum, two.config()),
            cudaErrorNotSupported);
  EXPECT_EQ(cudaGetLastError(), cudaErrorNotSupported);
}

TEST(Cluster, CatchesABlockThatLeavesBeforeItsMemoryIsRead) {
  const DeviceArray<float> out(2);
  expect_kernel_error(
      [&] {
        run(LaunchShape(dim3(2), dim3(32)).cluster(2), bug_leaves_before_peer_reads, out.data());
      },
      {"exited"});
}

TEST(Cluster, CatchesABlockThatLeavesWhileItsMemoryIsMapped) {
  const DeviceArray<float> out(2);
  expect_kernel_error(
      [&] {
        run(LaunchShape(dim3(2), dim3(32)).cluster(2), bug_leaves_after_being_mapped, out.data());
      },
      {"exited"});
}

TEST(Cluster, CatchesHalvesOfItsBarrierThatDoNotPair) {
  expect_kernel_error(
      [] { run(LaunchShape(dim3(2), dim3(1)).cluster(2), bug_cluster_wait_without_arrival); },
      {"waited without having arrived", "cluster_wait at broken_barriers.cu:"});
  expect_kernel_error(
      [] { run(LaunchShape(dim3(2), dim3(1)).cluster(2), bug_cluster_arrives_twice); },
      {"arrived twice without a wait", "cluster_arrive at broken_barriers.cu:"});
}

TEST(Cluster, CatchesAnAddressOutsideSharedMemory) {
  const DeviceArray<float> out(1);
  expect_kernel_error(
      [&] { run(LaunchShape(dim3(2), dim3(1)).cluster(2), bug_maps_global_memory, out.data()); },
      {"not in the block's own shared memory"});
}

}  // namespace
}  // namespace polyak::emulator_tests
