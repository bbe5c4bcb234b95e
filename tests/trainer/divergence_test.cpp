#include "trainer/divergence.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/configs.hpp"

namespace polyak {
namespace {

/// Agents of which those with an update of zero or more have failed.
std::vector<AgentMetrics> agents_with(const std::vector<NonFinite>& failures) {
  std::vector<AgentMetrics> metrics(failures.size());
  for (std::size_t i = 0; i < failures.size(); ++i) {
    if (failures[i].quantity != Quantity::none) metrics[i].non_finite = failures[i];
  }
  return metrics;
}

int first_agent(const std::vector<NonFinite>& failures) {
  return find_divergences(agents_with(failures)).front().agent;
}

constexpr NonFinite no_failure{Quantity::none, 0};

TEST(FindDivergences, OfNothingIsNothing) {
  EXPECT_TRUE(find_divergences(agents_with({no_failure, no_failure})).empty());
}

TEST(FindDivergences, TellsTheEarliestOverAgents) {
  EXPECT_EQ(first_agent({no_failure,
                         {Quantity::critic_loss, 9},
                         {Quantity::actor_loss, 7},
                         {Quantity::critic_loss, 8}}),
            2);
  const std::vector<Divergence> found =
      find_divergences(agents_with({{Quantity::actor_loss, 9}, {Quantity::critic_loss, 7}}));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found.front().value.quantity, Quantity::critic_loss);
  EXPECT_EQ(found.front().value.update, 7);
  EXPECT_EQ(found.back().agent, 0);
}

TEST(FindDivergences, OfEqualOnesTellsTheFirstAgents) {
  EXPECT_EQ(first_agent({no_failure, {Quantity::critic_loss, 7}, {Quantity::critic_loss, 7}}), 1);
}

// A reward's number is that of the updates made before it.
TEST(FindDivergences, ARewardComesAfterTheUpdatesMadeAndBeforeTheNext) {
  EXPECT_EQ(first_agent({{Quantity::reward, 6, 40}, {Quantity::critic_loss, 6}}), 1);
  EXPECT_EQ(first_agent({{Quantity::critic_loss, 7}, {Quantity::reward, 6, 40}}), 1);
  EXPECT_EQ(first_agent({{Quantity::reward, 6, 40}, {Quantity::reward, 6, 39}}), 1);
}

TEST(FindDivergences, ParametersAreSeenAfterTheLossThatSpoilsThem) {
  EXPECT_EQ(first_agent({{Quantity::parameter, 6}, {Quantity::actor_loss, 6}}), 1);
  EXPECT_EQ(first_agent({{Quantity::reward, 6, 40}, {Quantity::parameter, 6}}), 1);
}

TEST(DescribeDivergence, NamesAgentQuantityUpdateAndStep) {
  const Config config = test::small_config();  // 3 environments, 2 updates for 3 steps from 36 on
  EXPECT_EQ(describe({3, {Quantity::critic_loss, 3}}, config),
            "agent 3: the critic loss became NaN or infinite in update 3 (environment step 39)");
  EXPECT_EQ(describe({0, {Quantity::parameter, 2}}, config),
            "agent 0: the network parameter became NaN or infinite by update 2 (environment step "
            "36)");
  EXPECT_EQ(describe({1, {Quantity::reward, 4, 14}}, config),
            "agent 1: the reward became NaN or infinite in environment step 42, after 4 updates");
}

}  // namespace
}  // namespace polyak
