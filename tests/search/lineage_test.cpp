#include <gtest/gtest.h>

#include <string>

#include "io/policy_format.hpp"
#include "search/population_search.hpp"
#include "trainer/trainer_config.hpp"

namespace polyak {
namespace {

const std::string head = "environment_steps,agent,copied_from,copied,seed,tau\n";

std::string lineage(const std::string& rows, int agent) {
  return schedule_text(lineage_of(parse_schedule(head + rows, "all.csv"), agent));
}

TEST(Lineage, OfAnAgentThatTookOverEverythingIsOneAgents) {
  const std::string rows =
      "0,0,,,1,0.1\n0,1,,,2,0.2\n0,2,,,3,0.3\n"
      "100,0,1,everything,1,0.4\n"
      "200,1,,,2,0.5\n200,2,0,everything,3,0.6\n"
      "300,0,1,everything,1,0.7\n";
  EXPECT_EQ(lineage(rows, 2), head + "0,0,,,2,0.2\n100,0,,,1,0.4\n200,0,,,3,0.6\n");
  EXPECT_EQ(lineage(rows, 1), head + "0,0,,,2,0.2\n200,0,,,2,0.5\n");
  EXPECT_EQ(lineage(rows, 0), head + "0,0,,,2,0.2\n200,0,,,2,0.5\n300,0,,,1,0.7\n");
}

TEST(Lineage, OfNetworksHasTheirAgentToo) {
  const std::string rows =
      "0,0,,,1,0.1\n0,1,,,2,0.2\n0,2,,,3,0.3\n"
      "100,0,2,networks,1,0.4\n"
      "200,1,0,networks,2,0.5\n300,2,1,networks,3,0.6\n";
  EXPECT_EQ(lineage(rows, 1), head +
                                  "0,0,,,2,0.2\n0,1,,,1,0.1\n0,2,,,3,0.3\n"
                                  "100,1,2,networks,1,0.4\n200,0,1,networks,2,0.5\n");
}

// Agent 1 gives everything to agent 0, and its networks to agent 2, which gives them to agent 0.
TEST(Lineage, OfTwoThatWereOneHasItOnce) {
  const std::string rows =
      "0,0,,,1,0.1\n0,1,,,2,0.2\n0,2,,,3,0.3\n"
      "100,0,1,everything,1,0.4\n"
      "200,0,1,networks,1,0.5\n";
  EXPECT_EQ(lineage(rows, 0), head +
                                  "0,0,,,2,0.2\n0,1,,,2,0.2\n"
                                  "100,0,1,everything,1,0.4\n200,0,1,networks,1,0.5\n");
}

std::string policy_of(const Schedule& schedule, int agent) {
  Trainer trainer(first_config(schedule, test::trainer_config()));
  TrainerOptions options;
  options.change_steps = change_steps(schedule);
  options.on_change = [&](std::int64_t step) { apply(schedule, step, trainer); };
  trainer.run(options);
  Policy policy = trainer.policy(agent);
  policy.training = {};
  return policy_format::serialise(policy);
}

TEST(Lineage, GivesTheAgentsBits) {
  const Schedule all = parse_schedule(
      head +
          "0,0,,,1,0.1\n0,1,,,2,0.2\n0,2,,,3,0.3\n0,3,,,4,0.4\n"
          "120,0,2,everything,1,0.4\n120,3,1,networks,4,0.4\n"
          "200,1,0,everything,2,0.5\n200,2,3,networks,3,0.6\n"
          "300,0,2,networks,1,0.7\n400,3,0,everything,4,0.9\n400,1,2,networks,2,0.1\n",
      "all.csv");
  for (int agent = 0; agent < 4; ++agent) {
    EXPECT_EQ(policy_of(lineage_of(all, agent), 0), policy_of(all, agent)) << agent;
  }
}

}  // namespace
}  // namespace polyak
