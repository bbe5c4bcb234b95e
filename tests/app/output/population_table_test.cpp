// Tables of agents: which of many are shown, in which order, and with what they differ in.
#include "app/output/population_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace polyak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

AgentEvaluation evaluation(double mean) {
  return {ReturnStatistics{100, mean, 1.5, mean + 2.0, mean - 10.0, mean + 10.0}, {}};
}

/// Evaluated once, at the end.
TrainingEvaluation evaluated(std::vector<AgentEvaluation> agents) {
  return {std::move(agents), {}, 0.5};
}

std::vector<AgentEvaluation> population(const std::vector<double>& means) {
  std::vector<AgentEvaluation> agents;
  for (const double mean : means) agents.push_back(evaluation(mean));
  return agents;
}

/// The first words of the lines of the table that print_population makes.
std::vector<std::string> first_column(const std::vector<AgentEvaluation>& agents) {
  std::ostringstream out;
  print_population(out, evaluated(agents), {});
  std::istringstream lines(out.str());
  std::vector<std::string> column;
  for (std::string line; std::getline(lines, line) && !line.starts_with("all ");) {
    column.push_back(line.substr(0, line.find(' ')));
  }
  return column;
}

TEST(PopulationTable, SixteenAgentsAreAllShownInTheirOrder) {
  std::vector<double> means;
  for (int agent = 0; agent < 16; ++agent) means.push_back(agent % 3 - 100.0);
  EXPECT_THAT(first_column(population(means)),
              ElementsAre("agent", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11",
                          "12", "13", "14", "15"));
}

TEST(PopulationTable, OfSeventeenTheBestAndTheWorstEightAreShown) {
  std::vector<double> means;
  for (int agent = 0; agent < 17; ++agent) means.push_back(agent * 7 % 17 - 100.0);
  // Agent a has rank 16 - 7a mod 17; the one in the middle is agent 6, with 8 - 100.
  EXPECT_THAT(first_column(population(means)),
              ElementsAre("agent", "12", "7", "2", "14", "9", "4", "16", "11", "...", "1", "13",
                          "8", "3", "15", "10", "5", "0"));
}

TEST(PopulationTable, OfEqualAgentsTheFirstIsTheBest) {
  EXPECT_THAT(ranked(std::vector<double>{1.0, 3.0, 3.0, 1.0, 2.0}), ElementsAre(1, 2, 4, 0, 3));
  const std::vector<AgentEvaluation> agents = population({-5.0, -5.0, -5.0});
  std::ostringstream out;
  print_population(out, evaluated(agents), {});
  EXPECT_THAT(out.str(), HasSubstr("best agent 0, worst agent 2"));
  const nlohmann::ordered_json in_json = population_json(agents);
  EXPECT_EQ(in_json["best_agent"], 0);
  EXPECT_EQ(in_json["worst_agent"], 2);
}

TEST(PopulationTable, ShowsWhatAgentsDifferIn) {
  Config config;
  config.agents = 3;
  config.tau.values = {0.25f, 0.125f};
  std::ostringstream out;
  print_population(out, evaluated(population({-1.0, -2.0, -3.0})), varied_fields(config));
  EXPECT_EQ(out.str(),
            "agent    tau  mean return  standard error  median  worst\n"
            "0       0.25         -1.0             1.5     1.0  -11.0\n"
            "1      0.125         -2.0             1.5     0.0  -12.0\n"
            "2       0.25         -3.0             1.5    -1.0  -13.0\n"
            "all 3 agents: mean return -2.0 (standard error 0.6), best agent 0, worst agent 2\n");
}

/// Two evaluations of agents whose means were, 1,000 and 2,000 steps into a training.
EvaluationHistory history_of(const std::vector<float>& first, const std::vector<float>& second) {
  EvaluationHistory history;
  const auto add = [&](std::int64_t steps, const std::vector<float>& means) {
    std::vector<EvaluationRow> rows;
    for (const float mean : means) {
      const int agent = static_cast<int>(rows.size());
      rows.push_back({agent, steps, 1, 1.0f, 16, mean, 0.5f, mean, mean, -mean});
    }
    history.add(rows);
  };
  add(1000, first);
  add(2000, second);
  return history;
}

TEST(PopulationTable, HasEveryAgentsBestBesideItsLast) {
  std::ostringstream out;
  print_population(out, {population({-1.0, -2.0}), history_of({-9, -3}, {-1, -5}), 0.5}, {});
  EXPECT_EQ(out.str(),
            "agent  mean return  standard error  median  worst  best  after steps\n"
            "0             -1.0             1.5     1.0  -11.0  -1.0        2,000\n"
            "1             -2.0             1.5     0.0  -12.0  -3.0        1,000\n"
            "all 2 agents: mean return -1.5 (standard error 0.5), best agent 0, worst agent 1\n"
            "best of 2 evaluations, 16 episodes each: mean return -2.0 (standard error 1.0), of "
            "the last ones -3.0 (standard error 2.0); agent 0 had the best, after 2,000 steps\n");
}

TEST(PopulationTable, ASingleAgentsBestIsALine) {
  const auto text = [](const EvaluationHistory& history) {
    std::ostringstream out;
    print_population(out, {population({-1.0}), history, 0.5}, {});
    return out.str();
  };
  EXPECT_THAT(text(history_of({-3}, {-5})),
              testing::EndsWith("best of 2 evaluations, 16 episodes each:\n"
                                "  mean return    -3.0 after 1,000 steps; the last -5.0\n"));
  EXPECT_THAT(text(history_of({-5}, {-3})),
              testing::EndsWith("  mean return    -3.0 after 2,000 steps, the last\n"));
}

TEST(AgentsJson, HasTheSeedsAndWhatDiffersBesides) {
  Config config;
  config.agents = 3;
  config.seed.values = {7};
  EXPECT_EQ(agents_json(config).dump(),
            R"([{"agent":0,"seed":7},{"agent":1,"seed":8},{"agent":2,"seed":9}])");
  config.n_step.values = {1, 5};
  config.learning_rate_actor.values = {1e-3f, 3e-4f, 1e-4f};
  const nlohmann::ordered_json agents = agents_json(config);
  EXPECT_EQ(agents[1]["settings"].dump(), R"({"n-step":5,"learning-rate-actor":0.0003})");
  EXPECT_EQ(agents[2]["settings"]["n-step"], 1) << "the list cycles";
}

}  // namespace
}  // namespace polyak
