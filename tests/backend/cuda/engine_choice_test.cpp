// The automatic choice of the engine and of an agent's blocks, by a table of costs.
#include "backend/cuda/engine_choice.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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
  EXPECT_EQ(blocks(100, 1, h100), 16) << "a kernel of its own";
  EXPECT_EQ(blocks(99, 1, h100), 8) << "12.4 rows for each";
  EXPECT_EQ(blocks(100, 9, h100), 8) << "only eight agents of 16 blocks run at once";
  EXPECT_EQ(blocks(256, 1, h100), 16);
  EXPECT_EQ(blocks(100, 1, turing), 1);
  EXPECT_EQ(blocks(99, 40, h100), 2) << "all agents run at once";
  EXPECT_EQ(blocks(100, 32, h100), 8) << "two turns with a kernel of its own";
  EXPECT_EQ(blocks(100, 40, h100), 1) << "three take longer than one of the kernel for one block";
  EXPECT_EQ(blocks(100, 132, h100), 1);
  EXPECT_EQ(blocks(99, 1000, h100), 1);
}

TEST(EngineChoice, TakesTheEngineThatIsExpectedToBeFaster) {
  const auto fused = [](const Config& config, const DeviceSize& device) {
    return prefers_fused_engine(config, device);
  };
  EXPECT_TRUE(fused(Config{}, h100));
  EXPECT_TRUE(fused(config_of(64, 100), h100));
  EXPECT_FALSE(fused(config_of(256, 256), h100)) << "427 microseconds beside 234";
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
  population = config_of(64, 32);  // for which there is only the general kernel
  population.agents = 512;
  Config alone = population;
  alone.agents = 1;
  EXPECT_TRUE(prefers_fused_engine(alone, h100));
  EXPECT_FALSE(prefers_fused_engine(population, h100));
  population.precision = Precision::tf32;
  EXPECT_TRUE(prefers_fused_engine(population, h100));
}

/// Updates per second over all agents in a whole training on an H200, as throughput.json has them.
struct Measured {
  std::string name;
  Config config;
  double layered, fused;
};

std::vector<Measured> measured_on_an_h200() {
  Config population = config_of(64, 100), large = config_of(512, 32768);
  population.agents = 512;
  large.actor_hidden = large.critic_hidden = {512, 256, 128};
  large.environments = 4096;
  large.update_to_data = 1.0 / large.environments;
  return {{"one agent, 64-64, batch 100", config_of(64, 100), 9'293, 30'799},
          {"one agent, 256-256, batch 256", config_of(256, 256), 4'282, 2'339},
          {"512 agents, 64-64, batch 100", population, 593'529, 1'432'088},
          {"one agent, 512-256-128, batch 32768", large, 169.5, 10.1}};
}

TEST(EngineChoice, IsTheEngineThatWasFasterOnAnH200) {
  for (const Measured& one : measured_on_an_h200()) {
    EXPECT_EQ(prefers_fused_engine(one.config, h100), one.fused > one.layered) << one.name;
  }
}

// On a device that compiles them, whatever shape has a kernel of its own.
TEST(EngineChoice, CountsOnKernelsThatAreCompiled) {
  DeviceSize compiling = h100;
  compiling.compiles_kernels = true;
  const Config other = config_of(48, 80);
  EXPECT_LT(2 * predicted_clocks(other, compiling).fused, predicted_clocks(other, h100).fused);
  EXPECT_EQ(predicted_clocks(config_of(64, 100), compiling).fused,
            predicted_clocks(config_of(64, 100), h100).fused)
      << "the program has that one";
  EXPECT_EQ(predicted_clocks(config_of(256, 256), compiling).fused,
            predicted_clocks(config_of(256, 256), h100).fused)
      << "too large for one";
  Config other_precision = other;
  other_precision.precision = Precision::tf32;
  EXPECT_EQ(predicted_clocks(other_precision, compiling).fused,
            predicted_clocks(other_precision, h100).fused);
}

TEST(EngineChoice, LeavesBlocksOfCompiledKernelsSomeRows) {
  DeviceSize compiling = h100;
  compiling.compiles_kernels = true;
  EXPECT_EQ(choose_cluster_blocks(config_of(48, 99), compiling), 16) << "6.2 rows for each";
  EXPECT_EQ(choose_cluster_blocks(config_of(48, 80), compiling), 8) << "10 rows";
  EXPECT_EQ(choose_cluster_blocks(config_of(48, 20), compiling), 4) << "5 rows";
}

TEST(EngineChoice, CompilesForTrainingsThatAreLongEnough) {
  const auto worth = [](const Config& config) { return is_worth_compiling(config, h100); };
  Config config = config_of(48, 80);
  EXPECT_FALSE(worth(config)) << config.total_steps << " steps are trained in less time";
  config.total_steps = 5'000'000;
  EXPECT_TRUE(worth(config));
  config.engine = Engine::fused;
  EXPECT_TRUE(worth(config));
  config.actor_hidden = config.critic_hidden = {256, 256};
  EXPECT_FALSE(worth(config)) << "there is none";
  config = config_of(64, 100);
  config.total_steps = 5'000'000;
  EXPECT_FALSE(worth(config)) << "the program has it";
}

// Large batches aside, which the layered engine multiplies three times as fast as the table says.
TEST(EngineChoice, AgreesWithTheMeasurementsThatItIsFittedTo) {
  for (const Measured& one : measured_on_an_h200()) {
    if (one.config.batch_size > 1000) continue;
    SCOPED_TRACE(one.name);
    const EngineClocks clocks = predicted_clocks(one.config, h100);
    const double clocks_of_all = one.config.agents * 1.98e9;
    EXPECT_NEAR(clocks.layered * one.layered / clocks_of_all, 1.0, 1.0 / 6);
    EXPECT_NEAR(clocks.fused * one.fused / clocks_of_all, 1.0, 1.0 / 6);
  }
}

}  // namespace
}  // namespace polyak::cuda
