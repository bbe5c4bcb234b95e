// The automatic choice of the engine and of an agent's blocks, by prediction.
#include "backend/cuda/engine_choice.hpp"

#include <gtest/gtest.h>

#include "backend/cuda/fused_plan_cases.hpp"

namespace polyak::cuda {
namespace {

constexpr DeviceSize h100{132, hopper}, turing{40, no_clusters};

TEST(EngineChoice, GivesAnAgentTheBlocksThatAreFastest) {
  const auto blocks = [](int batch, int agents, const DeviceSize& device) {
    Config config = config_of(64, batch);
    config.agents = agents;
    return choose_cluster_blocks(config, device);
  };
  EXPECT_EQ(blocks(100, 1, h100), 8) << "12.5 rows for each";
  EXPECT_EQ(blocks(256, 1, h100), 16);
  EXPECT_EQ(blocks(100, 1, turing), 1);
  EXPECT_EQ(blocks(99, 40, h100), 2) << "all agents run at once";
  EXPECT_EQ(blocks(100, 40, h100), 8) << "three turns with a kernel of its own";
  EXPECT_EQ(blocks(100, 132, h100), 1) << "which has one too";
  EXPECT_EQ(blocks(99, 1000, h100), 1);
}

TEST(EngineChoice, TakesTheEngineThatIsPredictedToBeFaster) {
  const auto fused = [](const Config& config, const DeviceSize& device) {
    return prefers_fused_engine(config, device);
  };
  EXPECT_TRUE(fused(Config{}, h100));
  EXPECT_TRUE(fused(config_of(64, 100), h100));
  EXPECT_FALSE(fused(config_of(256, 256), h100)) << "some 300 microseconds beside 80";
  EXPECT_FALSE(fused(config_of(512, 32768), h100));
  EXPECT_FALSE(fused(config_of(64, 100), turing)) << "one block, general kernel";
  Config many_environments = config_of(64, 100);
  many_environments.environments = 100'000;
  many_environments.update_to_data = 1.0 / many_environments.environments;
  EXPECT_FALSE(fused(many_environments, h100));
}

TEST(EngineChoice, CountsThePopulationWhereItChangesNoBit) {
  Config population = config_of(64, 100);
  population.agents = 512;
  EXPECT_TRUE(prefers_fused_engine(population, h100));
  population.activation = Activation::relu;  // for which there is only the general kernel
  Config alone = population;
  alone.agents = 1;
  EXPECT_TRUE(prefers_fused_engine(alone, h100));
  EXPECT_FALSE(prefers_fused_engine(population, h100));
  population.precision = Precision::tf32;
  EXPECT_TRUE(prefers_fused_engine(population, h100));
}

// The points that the table was fitted to, in microseconds at 1.98 GHz; the layered engine's with
// the four kernels of a vector step.
TEST(EngineChoice, AgreesWithTheModelsItIsFittedTo) {
  const auto microseconds = [](const Config& config) {
    const EngineClocks clocks = predicted_clocks(config, h100);
    return EngineClocks{clocks.layered / 1980, clocks.fused / 1980};
  };
  const EngineClocks small = microseconds(config_of(64, 100));
  EXPECT_NEAR(small.fused, 17.7, 1.8);
  EXPECT_NEAR(small.layered, 57 + 4 * 2.2, 3);
  const EngineClocks medium = microseconds(config_of(256, 256));
  EXPECT_NEAR(medium.fused, 307, 31);
  EXPECT_NEAR(medium.layered, 80 + 4 * 2.2, 3);
  Config population = config_of(64, 100);
  population.agents = 512;
  EXPECT_NEAR(microseconds(population).fused, 4 * 64.9, 15);
  Config general = config_of(64, 100);
  general.activation = Activation::relu;
  EXPECT_NEAR(microseconds(general).fused, 55, 5.5);
}

}  // namespace
}  // namespace polyak::cuda
