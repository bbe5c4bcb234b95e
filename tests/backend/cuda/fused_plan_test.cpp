// The fused engine's plans, and which of them have a kernel of their own.
#include <gtest/gtest.h>

#include "agent/agent.hpp"
#include "backend/cuda/fused_plan_cases.hpp"
#include "kernels/fused/training.hpp"

namespace polyak::cuda {
namespace {

TEST(FusedPlan, HasRowsForTheWholeBatch) {
  for (const int batch : {1, 31, 33, 100, 256, 1023}) {
    for (const int blocks : {1, 2, 4, 8, 16}) {
      const auto plan = make_fused_plan(config_of(64, batch), blocks, hopper);
      EXPECT_GE(plan.all_rows(), batch);
      EXPECT_LT(plan.rows - 16, (batch + blocks - 1) / blocks);
      EXPECT_GE(plan.row_pitch, plan.rows);
    }
  }
}

TEST(FusedPlan, KeepsSmallNetworksInSharedMemory) {
  const auto plan = make_fused_plan(config_of(64, 100), 1, hopper);
  for (const kernels::fused::Place& place :
       {plan.matrices, plan.actor_parameters, plan.critic_parameters, plan.actor_target,
        plan.critic_target}) {
    EXPECT_TRUE(place.shared);
  }
  EXPECT_LE(plan.shared_bytes, hopper.shared_bytes);
  const auto in_cluster = make_fused_plan(config_of(64, 100), 8, hopper);
  EXPECT_TRUE(in_cluster.actor_moments.shared);
  EXPECT_TRUE(in_cluster.critic_moments.shared);
}

TEST(FusedPlan, PutsWhatDoesNotFitIntoScratchMemory) {
  const auto wide = make_fused_plan(config_of(256, 256), 16, hopper);
  EXPECT_TRUE(wide.matrices.shared);
  EXPECT_TRUE(wide.actor_parameters.is_common());
  EXPECT_TRUE(wide.actor_target.is_common());
  const auto nothing_shared = make_fused_plan(config_of(1024, 1024), 1, no_clusters);
  EXPECT_FALSE(nothing_shared.matrices.shared);
  EXPECT_LE(nothing_shared.shared_bytes, no_clusters.shared_bytes);
}

// A group of a batch of up to 128 is 16 rows.
TEST(FusedPlan, SumsByBlockWhereBlocksHaveAGroupOrHalfOfOne) {
  EXPECT_TRUE(make_fused_plan(config_of(64, 100), 8, hopper).sums_by_block);
  EXPECT_TRUE(make_fused_plan(config_of(64, 33), 4, hopper).sums_by_block);
  EXPECT_TRUE(make_fused_plan(config_of(31, 256), 8, hopper).sums_by_block);
  EXPECT_FALSE(make_fused_plan(config_of(64, 100), 1, hopper).sums_by_block);
  EXPECT_FALSE(make_fused_plan(config_of(64, 100), 4, hopper).sums_by_block) << "two groups each";
  const auto by_two = make_fused_plan(config_of(64, 100), 16, hopper);
  EXPECT_TRUE(by_two.sums_by_block);
  EXPECT_EQ(by_two.group_blocks, 2);
  EXPECT_EQ(by_two.group_rows(), 16);
  EXPECT_EQ(make_fused_plan(config_of(31, 256), 16, hopper).group_blocks, 2);
  EXPECT_EQ(make_fused_plan(config_of(64, 100), 8, hopper).group_blocks, 1);
  EXPECT_FALSE(make_fused_plan(config_of(256, 256), 8, hopper).sums_by_block) << "no room";
}

// Each of two networks that are passed through at once has half of the warps.
TEST(FusedPlan, HasAnEvenNumberOfWarpsForPairsOfPasses) {
  int pairs = 0;
  for (int width = 8; width <= 256; width += 8) {
    Config config = config_of(width, 100);
    config.actor_hidden = config.critic_hidden = {width};
    const auto plan = make_fused_plan(config, 16, hopper);
    if (!plan.pairs_passes()) continue;
    ++pairs;
    EXPECT_EQ(plan.threads / 32 % 2, 0) << width;
  }
  EXPECT_GT(pairs, 16) << "more tiles than the fewest warps";
}

// The flat arrays' places are made twice: for every engine, and by the fused engine's own plan.
TEST(FusedPlan, FindsParametersWhereTheyAre) {
  for (const int width : {1, 31, 64, 100}) {
    const Config config = config_of(width, 100);
    const auto plan = make_fused_plan(config, 1, hopper);
    const auto expect_places = [](const kernels::fused::Network& network,
                                  const NetworkLayout& layout) {
      ASSERT_EQ(static_cast<std::size_t>(network.layer_count), layout.layers.size());
      for (std::size_t i = 0; i < layout.layers.size(); ++i) {
        EXPECT_EQ(network.layers[i].flat_weight, layout.layers[i].weight_offset);
        EXPECT_EQ(network.layers[i].flat_bias, layout.layers[i].bias_offset);
      }
    };
    expect_places(plan.actor, actor_layout(config));
    expect_places(plan.critic, critic_layout(config));
  }
}

TEST(FusedKernels, OfTheirOwnAreForExactlyTheirShapes) {
  const auto has_own_kernel = [](const Config& config, int blocks) {
    return kernels::fused::has_own_kernel(config.environment, config.precision,
                                          make_fused_plan(config, blocks, hopper));
  };
  EXPECT_TRUE(has_own_kernel(Config{}, 8)) << "the default configuration";
  EXPECT_TRUE(has_own_kernel(Config{}, 16));
  EXPECT_FALSE(has_own_kernel(Config{}, 4));
  EXPECT_FALSE(has_own_kernel(config_of(64, 99), 8));
  EXPECT_FALSE(has_own_kernel(config_of(48, 100), 8));
  Config other = config_of(64, 100);
  EXPECT_TRUE(has_own_kernel(other, 8));
  other.activation = Activation::relu;
  EXPECT_FALSE(has_own_kernel(other, 8));
  other = config_of(64, 100);
  other.precision = Precision::tf32;
  EXPECT_FALSE(has_own_kernel(other, 8));
  other = config_of(64, 100);
  other.environment = "MountainCarContinuous-v0";
  EXPECT_FALSE(has_own_kernel(other, 8));
}

}  // namespace
}  // namespace polyak::cuda
