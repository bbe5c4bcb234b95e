// Updates in one launch by several clusters have the bits of every other way to make them.
#include "backend/cuda/layered/clustered_update.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "backend/cpu/cpu_backend.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/training_cases.hpp"
#include "support/configs.hpp"
#include "support/emulation.hpp"
#include "support/same_metrics.hpp"

namespace polyak::cuda {
namespace {

/// An emulated device with room for the clusters of two agents, each block on its own.
class RoomForClusters {
 public:
  RoomForClusters() {
    if (emulator::Options* const options = test::emulator_options()) options->multiprocessors = 144;
  }

 private:
  test::RestoredEmulatorOptions restored_;
};

/// Three groups of rows, of which the last is half full.
Config clustered_config() {
  Config config = test::small_config();
  config.device = DeviceKind::cuda;
  config.engine = Engine::layered;
  config.agents = 1;
  config.actor_hidden = config.critic_hidden = {128, 128};
  config.batch_size = 40;
  config.learning_starts = 48;
  return config;
}

struct Case {
  std::string name;
  void (*change)(Config&);
  friend void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }
};

class ClusteredUpdateTest : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, ClusteredUpdateTest,
    testing::Values(Case{"Tanh", [](Config&) {}},
                    Case{"Relu", [](Config& config) { config.activation = Activation::relu; }},
                    Case{"TwoAgents",
                         [](Config& config) {
                           config.agents = 2;
                           config.learning_rate_actor = std::vector<float>{1e-3f, 3e-3f};
                         }},
                    Case{"OneGroup", [](Config& config) { config.batch_size = 16; }},
                    Case{"ClustersOf8",
                         [](Config& config) {
                           config.actor_hidden = config.critic_hidden = {256, 256};
                           config.batch_size = 129;
                           if (emulator::Options* const options = test::emulator_options()) {
                             options->largest_cluster = 8;
                           }
                         }},
                    Case{"OneGroupOfWideLayers",
                         [](Config& config) {
                           config.actor_hidden = config.critic_hidden = {256, 256};
                           config.batch_size = 16;
                         }},
                    Case{"ClustersOf16",
                         [](Config& config) {
                           config.actor_hidden = config.critic_hidden = {256, 256};
                           config.batch_size = 129;
                         }},
                    Case{"GroupsOf32", [](Config& config) { config.batch_size = 129; }}),
    [](const auto& info) { return info.param.name; });

TEST_P(ClusteredUpdateTest, HasTheBitsOfTheCpuHoweverItsThreadsRun) {
  const RoomForClusters room;
  Config config = clustered_config();
  GetParam().change(config);
  ASSERT_GT(clustered_update_blocks(config), 0);
  const std::int64_t iterations =
      test::iterations_with_learning(config, config.actor_hidden.front() > 128 ? 1 : 2);
  const auto cpu = make_cpu_backend(config);
  cpu->advance(iterations);
  const TrainingState expected = cpu->export_state();
  const std::vector<AgentMetrics> metrics = cpu->metrics();
  for (const emulator::Order order : {emulator::Order::forward, emulator::Order::run_ahead}) {
    if (emulator::Options* const options = test::emulator_options()) options->order = order;
    const auto gpu = make_cuda_backend(config);
    gpu->advance(iterations);
    test::expect_same_bits(expected, gpu->export_state());
    test::expect_same_metrics(metrics, gpu->metrics());
  }
}

// Of 256 units in clusters of 16 where the device has them, else of 8; without room, an update of
// many kernels.
TEST(ClusteredUpdateChoice, IsOfTheLargestClustersThatTheDeviceHas) {
  emulator::Options* const options = test::emulator_options();
  if (options == nullptr) GTEST_SKIP() << "of an emulated device";
  const RoomForClusters room;
  Config config = clustered_config();
  config.actor_hidden = config.critic_hidden = {256, 256};
  config.batch_size = 129;
  EXPECT_EQ(clustered_update_blocks(config), 16);
  EXPECT_THAT(make_cuda_backend(clustered_config())->description(),
              testing::HasSubstr("an update by clusters of 8"));
  options->largest_cluster = 8;
  EXPECT_EQ(clustered_update_blocks(config), 8);
  options->multiprocessors = 39;
  EXPECT_EQ(clustered_update_blocks(config), 0);
  options->multiprocessors = 144;
  options->capability = 80;
  EXPECT_EQ(clustered_update_blocks(config), 0);
}

TEST(ClusteredUpdateChoice, IsOfPlainUpdatesOfKnownSizesOnADeviceWithRoom) {
  const RoomForClusters room;
  EXPECT_EQ(clustered_update_blocks(clustered_config()), 8);
  const std::vector<void (*)(Config&)> others = {
      [](Config& c) { c.actor_hidden = {128}; },
      [](Config& c) {
        c.critic_hidden = {128, 256};
      },
      [](Config& c) {
        c.actor_hidden = c.critic_hidden = {64, 64};
      },
      [](Config& c) { c.batch_size = 257; },
      [](Config& c) { c.precision = Precision::tf32x3; },
      [](Config& c) { c.matrix_product = MatrixProduct::cublas; },
      [](Config& c) { c.twin_critics = true; },
      [](Config& c) { c.actor_delay = 2; },
      [](Config& c) { c.gradient_clip = 1.0f; },
      [](Config& c) { c.layer_norm = true; },
      [](Config& c) { c.agents = 1000; },
  };
  for (std::size_t i = 0; i < others.size(); ++i) {
    Config config = clustered_config();
    others[i](config);
    EXPECT_EQ(clustered_update_blocks(config), 0) << i;
  }
}

}  // namespace
}  // namespace polyak::cuda
