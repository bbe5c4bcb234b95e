// Machines of which the emulator alone can pretend to be one: with a GPU that is in use by somebody
// alone, and with one that has no room for large clusters.
#include <cuda_runtime_api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/backend.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device_info.hpp"
#include "backend/cuda/fused/fused_engine.hpp"
#include "backend/cuda/training_cases.hpp"
#include "polyak/core/error.hpp"
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

int current_gpu() {
  int gpu = -1;
  cuda::check(cudaGetDevice(&gpu), "cudaGetDevice");
  return gpu;
}

TEST(Devices, EachTrainingIsOnItsOwn) {
  const test::RestoredEmulatorOptions restore;
  test::emulator_options()->devices = 3;
  Config config = test::small_config();
  config.device = {DeviceKind::cuda, 2};
  const auto first = make_backend(config);
  EXPECT_EQ(current_gpu(), 2);
  config.device = DeviceKind::cuda;
  const auto second = make_backend(config);
  EXPECT_EQ(current_gpu(), 0);
  const std::int64_t iterations = test::iterations_with_learning(config, 2);
  first->advance(iterations);
  EXPECT_EQ(current_gpu(), 2);
  second->advance(iterations);
  EXPECT_EQ(current_gpu(), 0);
  test::expect_same_bits(first->export_state(), second->export_state());
  first->metrics();
  EXPECT_EQ(current_gpu(), 2);
  memory_needs(config);
  EXPECT_EQ(current_gpu(), 0);
  const auto simulator = make_simulator({DeviceKind::cuda, 1}, {"Pendulum-v1", {10.0f}, 5, 1});
  second->evaluate(std::vector<float>{1.0f, 0.0f});
  simulator->step(std::vector<float>{1.0f, 0.0f}, std::vector<float>{0.5f});
  EXPECT_EQ(current_gpu(), 1);
  cuda::use_device(0);
}

TEST(Devices, OneThatIsNotThereIsRefusedByItsNumber) {
  const test::RestoredEmulatorOptions restore;
  const auto refusal = [](int gpu) {
    try {
      resolve_device({DeviceKind::cuda, gpu});
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal(0), "");
  EXPECT_THAT(refusal(1), testing::HasSubstr("--device cuda:1: no GPU can be used here: the only "
                                             "one is cuda:0"));
  test::emulator_options()->devices = 2;
  EXPECT_EQ(refusal(1), "");
  EXPECT_THAT(refusal(2), testing::HasSubstr("there are cuda:0 to cuda:1"));
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
  test::emulator_options()->capability = 90;
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
