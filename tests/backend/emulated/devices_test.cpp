// Machines of which the emulator alone can pretend to be one: with a GPU that is in use by somebody
// alone, and with one that has no room for large clusters.
#include <cuda_runtime_api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/backend.hpp"
#include "backend/cpu/cpu_backend.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device_info.hpp"
#include "backend/cuda/fused/fused_engine.hpp"
#include "backend/cuda/training_cases.hpp"
#include "polyak/core/error.hpp"
#include "support/configs.hpp"
#include "support/emulation.hpp"
#include "support/resumption.hpp"
#include "support/same_metrics.hpp"

namespace polyak {
namespace {

/// A machine of so many GPUs, and afterwards the one before, with its first GPU as the current one:
/// no other test must come to one that is no longer there.
class Gpus {
 public:
  explicit Gpus(int count) { test::emulator_options()->devices = count; }
  ~Gpus() {
    test::emulator_options()->refused_device = -1;
    cuda::use_device(0);
  }
  Gpus(const Gpus&) = delete;
  Gpus& operator=(const Gpus&) = delete;

 private:
  const test::RestoredEmulatorOptions restore_;
};

TEST(Devices, OneThatRefusesIsListedWithItsReason) {
  const Gpus gpus(3);
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
}

int current_gpu() {
  int gpu = -1;
  cuda::check(cudaGetDevice(&gpu), "cudaGetDevice");
  return gpu;
}

TEST(Devices, EachTrainingIsOnItsOwn) {
  const Gpus gpus(3);
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
}

class EveryGpu : public testing::TestWithParam<Engine> {
 protected:
  /// Agents that differ in all that the engine lets them.
  static Config population(int agents) {
    Config config = test::small_population();
    config.agents = agents;
    config.seed = std::uint64_t{40};
    config.engine = GetParam();
    config.device = {DeviceKind::cuda, Device::all_gpus};
    return config;
  }

 private:
  const Gpus gpus_{3};
};
INSTANTIATE_TEST_SUITE_P(Engines, EveryGpu, testing::Values(Engine::layered, Engine::fused),
                         [](const auto& instance) {
                           return std::string(to_string(instance.param));
                         });

// The CPU says what the bits are, which one GPU has, too.
TEST_P(EveryGpu, TrainsAShareWithTheBitsOfThePopulation) {
  const Config config = population(5);
  const auto all = make_backend(config), one = make_cpu_backend(config);
  EXPECT_THAT(all->description(), testing::StartsWith("3 x Polyak emulator"));
  const std::vector<float> starts = {1.0f, 0.0f, 0.5f, -1.0f};
  for (Backend* const backend : {all.get(), one.get()}) {
    backend->advance(test::iterations_with_learning(config, 2));
  }
  EXPECT_EQ(all->evaluate(starts), one->evaluate(starts));
  test::expect_same_metrics(one->metrics(), all->metrics());
  test::expect_same_bits(one->export_state(), all->export_state());
}

TEST_P(EveryGpu, MovesAgentsBetweenGpus) {
  Config config = population(7);
  const auto all = make_backend(config), one = make_cpu_backend(config);
  const std::vector<AgentCopy> copies = {
      {0, 6}, {0, 1}, {3, 2, AgentPart::networks}, {3, 5, AgentPart::networks}};
  const std::int64_t iterations = test::iterations_with_learning(config, 1);
  for (Backend* const backend : {all.get(), one.get()}) {
    backend->advance(iterations);
    backend->copy_agents(copies);
    backend->advance(1);
    backend->metrics();
  }
  test::expect_same_bits(one->export_state(), all->export_state());
  for (const int agents : {5, 2, 1}) {
    config.agents = agents;
    all->reconfigure(config);
    one->reconfigure(config);
    for (Backend* const backend : {all.get(), one.get()}) backend->advance(1);
    test::expect_same_bits(one->export_state(), all->export_state());
  }
}

TEST_P(EveryGpu, GoesOnFromACheckpointOfAnyOther) {
  SignatureCase training{"shares", "agents of several GPUs", population(4)};
  training.config.total_steps = 60;
  const Execution all{{DeviceKind::cuda, Device::all_gpus}, GetParam()};
  test::expect_same_when_resumed(training, all, {DeviceKind::cpu});
  test::expect_same_when_resumed(training, {DeviceKind::cpu}, all);
}

TEST(Devices, EachHasToHaveRoomForItsShare) {
  const Gpus gpus(2);
  Config config = test::small_config();
  config.agents = 4;
  config.device = {DeviceKind::cuda, Device::all_gpus};
  const std::vector<Config> shares = device_shares(config);
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[1].device, Device(DeviceKind::cuda, 1));
  const std::int64_t needed = total_bytes(memory_needs(shares[1]));
  EXPECT_EQ(total_bytes(memory_needs(config)), 2 * needed);
  test::emulator_options()->device_memory_bytes = static_cast<std::size_t>(needed);
  EXPECT_NO_THROW(require_training_memory(config));
  test::emulator_options()->device_memory_bytes = static_cast<std::size_t>(needed - 1);
  for (void (*const refused)(const Config&) :
       {&require_training_memory, +[](const Config& c) { make_backend(c); }}) {
    EXPECT_THAT([&] { refused(config); },
                testing::ThrowsMessage<RunError>(testing::StartsWith("cuda:0: not enough memory")));
  }
}

TEST(Devices, AllOfThemMayBeOne) {
  Config config = test::small_config();
  config.device = {DeviceKind::cuda, Device::all_gpus};
  EXPECT_EQ(resolve_device(config.device), config.device);
  const auto backend = make_backend(config);
  EXPECT_THAT(backend->description(), testing::StartsWith("Polyak emulator"));
}

TEST(Devices, OneThatIsNotThereIsRefusedByItsNumber) {
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
  const Gpus gpus(2);
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
