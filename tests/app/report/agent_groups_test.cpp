// Which agents belong together.
#include "app/report/agent_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace polyak {
namespace {

using testing::ElementsAre;

/// A run of two agents with these options, and columns of what its agents differ in.
RunRecord run_of(const std::string& name, const std::string& options,
                 const std::string& column = "", const std::string& first = "",
                 const std::string& second = "") {
  RunRecord run;
  run.directory = "runs/" + name;
  run.configuration = parse_config_file(options, "config.toml");
  const std::string comma = column.empty() ? "" : ",";
  run.metrics =
      parse_agent_table("agent,environment_steps,mean_return" + comma + column + "\n" + "0,10,-1" +
                            comma + first + "\n1,10,-2" + comma + second + "\n0,20,-3" + comma +
                            first + "\n1,20,-4" + comma + second + "\n",
                        "metrics.csv");
  return run;
}

std::vector<std::string> labels_of(const AgentGroups& groups) {
  std::vector<std::string> labels;
  for (const AgentGroup& group : groups.groups) labels.push_back(group.label);
  return labels;
}

TEST(AgentGroups, SeedsOfOneRunAreOneGroup) {
  const std::vector<RunRecord> runs = {run_of("a", "seed = 1\ntau = 0.5\n")};
  const AgentGroups groups = group_agents(runs);
  EXPECT_THAT(labels_of(groups), ElementsAre("a"));
  EXPECT_EQ(groups.groups[0].members.size(), 2u);
  EXPECT_TRUE(groups.fields.empty());
}

TEST(AgentGroups, RunsThatDifferInSeedsAndThreadsAreOneGroup) {
  const std::vector<RunRecord> runs = {run_of("a", "seed = 1\nthreads = 1\n"),
                                       run_of("b", "seed = 5\nthreads = 2\n")};
  const AgentGroups groups = group_agents(runs);
  EXPECT_THAT(labels_of(groups), ElementsAre("2 runs"));
  ASSERT_EQ(groups.groups[0].members.size(), 4u);
  EXPECT_EQ(groups.groups[0].members[3].run, 1u);
  EXPECT_EQ(groups.groups[0].members[3].agent, 1);
  const auto curves = curves_of(groups.groups[0], runs, &RunRecord::metrics, "mean_return");
  ASSERT_EQ(curves.size(), 4u);
  EXPECT_EQ(curves[3][1].value, -4.0);
  EXPECT_TRUE(curves_of(groups.groups[0], runs, &RunRecord::evaluations, "mean_return")[0].empty());
}

TEST(AgentGroups, AgentsOfOneRunAreToldApartByTheirColumns) {
  const std::vector<RunRecord> runs = {run_of("a",
                                              "learning-rate-actor = [0.001, 0.1]\ntau = 0.5\n",
                                              "learning_rate_actor", "0.001", "0.1")};
  const AgentGroups groups = group_agents(runs);
  EXPECT_THAT(groups.fields, ElementsAre("learning-rate-actor"));
  EXPECT_THAT(labels_of(groups),
              ElementsAre("learning-rate-actor 0.001", "learning-rate-actor 0.1"));
}

TEST(AgentGroups, RunsAreNamedAndTheirAgentsByWhatDiffersThere) {
  const std::vector<RunRecord> runs = {
      run_of("a", "tau = 0.5\ndiscount = 0.9\nbatch-size = 3\n"),
      run_of("b", "tau = [0.5, 0.1]\ndiscount = 0.8\n", "tau", "0.5", "0.1")};
  const AgentGroups groups = group_agents(runs);
  EXPECT_THAT(groups.fields, ElementsAre("tau", "discount", "batch-size"));
  EXPECT_THAT(labels_of(groups), ElementsAre("a", "b: tau 0.5", "b: tau 0.1"));
  EXPECT_THAT(groups.groups[2].values, ElementsAre("0.1", "0.8", ""));
}

}  // namespace
}  // namespace polyak
