// An update is one graph of as few kernels as its layers' dependences allow.
#include "backend/cuda/layered/layered_engine.hpp"

#include <gtest/gtest.h>

#include "backend/cuda/device/check.hpp"
#include "config/derived.hpp"
#include "support/configs.hpp"

namespace polyak::cuda {
namespace {

/// How many nodes a recorded update has.
std::size_t nodes_of_update(const LayeredEngine& engine, const Stream& stream,
                            std::int64_t number) {
  check(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeRelaxed), "begin");
  engine.update(number);
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(stream.get(), &graph), "end");
  std::size_t count = 0;
  check(cudaGraphGetNodes(graph, nullptr, &count), "count");
  check(cudaGraphDestroy(graph), "destroy");
  return count;
}

std::size_t nodes_of_update(const Config& config, std::int64_t number = 0) {
  const Stream stream;
  MemoryBudget budget(MemoryBudget::Mode::allocate);
  const TrainingBuffers training(config, budget);
  const LayeredEngine engine(config, stream, training, LayeredBuffers(config, budget));
  const std::size_t nodes = nodes_of_update(engine, stream, number);
  const DueInUpdate due = due_in_update(config, number);
  if (!uses_cublas(config) && !is_recurrent(config) && due.actor) {
    EXPECT_EQ(static_cast<std::int64_t>(nodes), engine.launches_per_update());
  } else {
    EXPECT_LE(static_cast<std::int64_t>(nodes), engine.launches_per_update());
  }
  return nodes;
}

TEST(LayeredEngineGraph, TwoHiddenLayersTake26KernelsWhateverTheNumberOfAgents) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  for (const int agents : {1, 2, 7}) {
    config.agents = agents;
    EXPECT_EQ(nodes_of_update(config), 26u);
  }
}

TEST(LayeredEngineGraph, SecondCriticsTakeNoFurtherKernels) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  config.twin_critics = true;
  EXPECT_EQ(nodes_of_update(config), 26u);
}

TEST(LayeredEngineGraph, OptionsTakeAsManyKernelsAsTheyMust) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  const auto expect = [&](std::size_t kernels) { EXPECT_EQ(nodes_of_update(config), kernels); };
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

TEST(LayeredEngineGraph, BatchNormalisationTakesAKernelWithEveryPass) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  config.batch_norm = true;
  // Of the inputs: forwards through the actors, the critics and the critic once more; backwards
  // twice, each with a product before it. Two of the actor's layers, forwards and backwards. The
  // targets' running statistics, twice. An action beside the observation, copied twice.
  const std::size_t of_any = 3 + 4 + 2 * 2 + 2;
  EXPECT_EQ(nodes_of_update(config), 26u + of_any + 2);
  config.twin_critics = true;
  EXPECT_EQ(nodes_of_update(config), 26u + of_any + 2);
  // A late action is copied without normalisation too, and the actor's gradient is shorter. Each
  // layer before it is normalised three times.
  config.critic_action_layer = 1;
  EXPECT_EQ(nodes_of_update(config), 27u + of_any + 3);
  config.critic_action_layer = 2;
  config.batch_norm_policy_evaluation = true;
  EXPECT_EQ(nodes_of_update(config), 26u + of_any + 6);
  config.matrix_product = MatrixProduct::cublas;
  config.batch_size = 32;
  config.agents = 3;
  EXPECT_GT(nodes_of_update(config), 24u * 3u);
}

TEST(LayeredEngineGraph, EveryStepOfASequenceTakesTenKernels) {
  Config config = test::small_config();
  config.actor_hidden = config.critic_hidden = {64, 64};
  config.policy = PolicyKind::lstm;
  config.sequence_length = 5;
  const std::size_t five = nodes_of_update(config);
  config.sequence_length = 8;
  EXPECT_EQ(nodes_of_update(config) - five, 3u * 10u);
  config.twin_critics = true;
  config.policy = PolicyKind::gru;
  const std::size_t eight = nodes_of_update(config);
  config.sequence_length = 9;
  EXPECT_EQ(nodes_of_update(config) - eight, 10u) << "second critics run beside the first";
}

TEST(LayeredEngineGraph, AnActorThatIsNotDueTakesNoKernels) {
  Config config = test::small_config();
  apply_algorithm(config, Algorithm::td3);
  config.actor_hidden = config.critic_hidden = {64, 64};
  EXPECT_EQ(nodes_of_update(config, 0), 15u);
  EXPECT_EQ(nodes_of_update(config, 1), 27u);
  config.target_delay = 1;
  EXPECT_EQ(nodes_of_update(config, 0), 16u) << "the actor's target moves alone";
}

TEST(LayeredEngineGraph, NetworksMayHaveDifferentDepths) {
  Config config = test::small_config();
  config.actor_hidden = {31};
  config.critic_hidden = {9, 17, 33, 5};
  EXPECT_GT(nodes_of_update(config), 0u);
}

TEST(LayeredEngineGraph, CublasTakesACallForEveryAgentAndLayer) {
  Config config = test::small_config();
  config.matrix_product = MatrixProduct::cublas;
  config.batch_size = 32;
  config.agents = 3;
  EXPECT_GT(nodes_of_update(config), 24u * 3u);
}

}  // namespace
}  // namespace polyak::cuda
