// An update is one graph of as few kernels as its layers' dependences allow.
#include "backend/cuda/layered/layered_update.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/agent.hpp"
#include "backend/cuda/device/graph.hpp"
#include "backend/cuda/device/overlapping_launches.hpp"
#include "backend/cuda/engine_choice.hpp"
#include "backend/cuda/layered/layered_collector.hpp"
#include "support/configs.hpp"
#include "support/emulation.hpp"

namespace polyak::cuda {
namespace {

std::int64_t nodes_of_update(const Config& config, std::int64_t number = 0) {
  const Stream stream;
  MemoryBudget budget(MemoryBudget::Mode::allocate);
  const TrainingBuffers training(config, budget);
  const LinearOperations operations({config.matrix_product, config.precision}, stream,
                                    LinearWorkspace(config, budget));
  const LayeredUpdate update(config, stream, training, operations, UpdateBuffers(config, budget));
  return count_launches(stream, [&] { update.run(number); });
}

std::int64_t nodes_of_vector_step(const Config& config) {
  const Stream stream;
  MemoryBudget budget(MemoryBudget::Mode::allocate);
  const TrainingBuffers training(config, budget);
  const LinearOperations operations({config.matrix_product, config.precision}, stream,
                                    LinearWorkspace(config, budget));
  const LayeredCollector collector(config, stream, training, operations,
                                   CollectorBuffers(config, budget));
  return count_launches(stream, [&] { collector.vector_step(false); });
}

// What predicts an engine's time counts the kernels of the graph itself: the program's choice of
// the engine, and bench/floors.py by the committed table.
TEST(LayeredUpdateGraph, HasTheKernelsThatPredictionsCount) {
  std::ifstream table(std::filesystem::path(POLYAK_SOURCE_DIRECTORY) / "bench/layered_kernels.csv");
  std::stringstream committed;
  committed << table.rdbuf();
  std::string counted = "hidden_layers,update,vector_step\n";
  for (const std::size_t layers : {1, 2, 3, 4}) {
    Config config = test::small_config();
    config.actor_hidden = config.critic_hidden = std::vector<int>(layers, 64);
    const std::int64_t update = nodes_of_update(config), step = nodes_of_vector_step(config);
    EXPECT_EQ(layered_kernels(actor_layout(config), critic_layout(config)), update + step);
    counted +=
        std::to_string(layers) + "," + std::to_string(update) + "," + std::to_string(step) + "\n";
  }
  EXPECT_EQ(committed.str(), counted);
}

TEST(LayeredUpdateGraph, TwoHiddenLayersTake26KernelsWhateverTheNumberOfAgents) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  for (const int agents : {1, 2, 7}) {
    config.agents = agents;
    EXPECT_EQ(nodes_of_update(config), 26);
  }
}

// All but those where reports branch off and come back, and no fewer.
TEST(LayeredUpdateGraph, SchedulesMostKernelsWhileOthersDrain) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  const Stream stream;
  MemoryBudget budget(MemoryBudget::Mode::allocate);
  const TrainingBuffers training(config, budget);
  const LinearOperations operations({config.matrix_product, config.precision}, stream,
                                    LinearWorkspace(config, budget));
  const LayeredUpdate update(config, stream, training, operations, UpdateBuffers(config, budget));
  const Graph graph(
      stream, [&] { update.run(0); }, Launches::overlapping);
  EXPECT_EQ(graph.overlapping_launches(), can_overlap_launches() ? 19 : 0);
}

// One samples, one is the update, the critic's loss counts it, and the report has the actor's and
// two norms.
TEST(LayeredUpdateGraph, AnUpdateByClustersTakesSixKernels) {
  const test::RestoredEmulatorOptions restored;
  if (emulator::Options* const options = test::emulator_options()) options->multiprocessors = 144;
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {128, 128};
  config.batch_size = 16;
  config.agents = 1;
  if (clustered_update_blocks(config) == 0) GTEST_SKIP() << "the device has no such clusters";
  EXPECT_EQ(nodes_of_update(config), 6);
}

TEST(LayeredUpdateGraph, SecondCriticsTakeNoFurtherKernels) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  config.twin_critics = true;
  EXPECT_EQ(nodes_of_update(config), 26);
}

TEST(LayeredUpdateGraph, OptionsTakeAsManyKernelsAsTheyMust) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  const auto expect = [&](std::int64_t kernels) { EXPECT_EQ(nodes_of_update(config), kernels); };
  config.sampling = Sampling::without_replacement;
  expect(27);
  config.sampling = Sampling::with_replacement;
  config.target_noise = 0.2f;
  expect(27);
  config.gradient_clip = 1.0f;
  expect(27);
  config.critic_weight_decay = 0.1f;
  config.learning_rate_decay = LearningRateDecay::linear;
  config.actor_first = true;
  expect(27);
  config.critic_action_layer = 1;
  expect(28);
  config.critic_action_layer = 2;
  expect(27);
  config.layer_norm = true;
  expect(27 + 3 * 2 + 5 * 2 - 2);
}

TEST(LayeredUpdateGraph, BatchNormalisationTakesAKernelWithEveryPass) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  config.batch_norm = true;
  // Of the inputs: forwards through the actors, the critics and the critic once more; backwards
  // twice, each with a product before it. Two of the actor's layers, forwards and backwards. The
  // targets' running statistics, twice. An action beside the observation, copied twice.
  const std::int64_t of_any = 3 + 4 + 2 * 2 + 2;
  EXPECT_EQ(nodes_of_update(config), 26 + of_any + 2);
  config.twin_critics = true;
  EXPECT_EQ(nodes_of_update(config), 26 + of_any + 2);
  // A late action is copied without normalisation too, and the actor's gradient is shorter. Each
  // layer before it is normalised three times.
  config.critic_action_layer = 1;
  EXPECT_EQ(nodes_of_update(config), 27 + of_any + 3);
  config.critic_action_layer = 2;
  config.batch_norm_policy_evaluation = true;
  EXPECT_EQ(nodes_of_update(config), 26 + of_any + 6);
  config.matrix_product = MatrixProduct::cublas;
  config.batch_size = 32;
  config.agents = 3;
  EXPECT_GT(nodes_of_update(config), 24 * 3);
}

TEST(LayeredUpdateGraph, EveryStepOfASequenceTakesTenKernels) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  config.policy = PolicyKind::lstm;
  config.sequence_length = 5;
  const std::int64_t five = nodes_of_update(config);
  config.sequence_length = 8;
  EXPECT_EQ(nodes_of_update(config) - five, 3 * 10);
  config.twin_critics = true;
  config.policy = PolicyKind::gru;
  const std::int64_t eight = nodes_of_update(config);
  config.sequence_length = 9;
  EXPECT_EQ(nodes_of_update(config) - eight, 10) << "second critics run beside the first";
}

TEST(LayeredUpdateGraph, AnActorThatIsNotDueTakesNoKernels) {
  Config config = test::small_config();
  apply_algorithm(config, Algorithm::td3);
  config.actor_hidden = config.critic_hidden = {64, 64};
  EXPECT_EQ(nodes_of_update(config, 0), 15);
  EXPECT_EQ(nodes_of_update(config, 1), 27);
  config.target_delay = 1;
  EXPECT_EQ(nodes_of_update(config, 0), 16) << "the actor's target moves alone";
}

TEST(LayeredUpdateGraph, NetworksMayHaveDifferentDepths) {
  Config config = test::small_config();
  config.actor_hidden = {31};
  config.critic_hidden = {9, 17, 33, 5};
  EXPECT_GT(nodes_of_update(config), 0);
}

TEST(LayeredUpdateGraph, CublasTakesACallForEveryAgentAndLayer) {
  Config config = test::small_config();
  config.matrix_product = MatrixProduct::cublas;
  config.batch_size = 32;
  config.agents = 3;
  EXPECT_GT(nodes_of_update(config), 24 * 3);
}

}  // namespace
}  // namespace polyak::cuda
