// Machines of which the emulator alone can pretend to be one: with a GPU that is in use by somebody
// alone, and with one that has no room for large clusters.
#include <cuda_runtime_api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/fused/fused_engine.hpp"
#include "support/configs.hpp"
#include "support/emulation.hpp"

namespace polyak {
namespace {

TEST(Devices, OneThatRefusesIsListedWithItsReason) {
  const test::RestoredEmulatorOptions restore;
  test::emulator_options()->devices = 3;
  for (const int refused : {0, 2}) {
    test::emulator_options()->refused_device = refused;
    std::string absence;
    const std::vector<DeviceDescription> devices = list_cuda_devices(absence);
    ASSERT_EQ(devices.size(), 3u);
    EXPECT_EQ(absence, "");
    for (int i = 0; i < 3; ++i) {
      const DeviceDescription& device = devices[static_cast<std::size_t>(i)];
      EXPECT_EQ(device.memory_available > 0, i != refused);
      const auto refusals =
          std::count_if(device.details.begin(), device.details.end(), [](const std::string& line) {
            return line.starts_with("cannot be used: cudaSetDevice failed") &&
                   line.find("wait for the other process") != std::string::npos;
          });
      EXPECT_EQ(refusals, i == refused ? 1 : 0) << i;
    }
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  }
  test::emulator_options()->refused_device = -1;
  ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
}

/// What the fused engine takes for an agent that would fill 16 blocks of as many multiprocessors.
int blocks_chosen() {
  Config config = test::small_config();
  config.device = DeviceKind::cuda;
  config.engine = Engine::fused;
  config.learning_starts = config.batch_size = 192;
  config.replay_capacity = 1000;
  return cuda::plan_for_device(config).cluster_blocks;
}

TEST(Devices, ClustersAreAsLargeAsThereIsRoom) {
  const test::RestoredEmulatorOptions restore;
  test::emulator_options()->multiprocessors = 16;
  EXPECT_EQ(blocks_chosen(), 16);
  test::emulator_options()->largest_cluster = 8;
  EXPECT_EQ(blocks_chosen(), 8);
  test::emulator_options()->largest_cluster = 1;
  EXPECT_EQ(blocks_chosen(), 1);
  test::emulator_options()->largest_cluster = 16;
  test::emulator_options()->capability = 89;
  EXPECT_EQ(blocks_chosen(), 1) << "there are clusters from 9.0 on";
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

}  // namespace
}  // namespace polyak
