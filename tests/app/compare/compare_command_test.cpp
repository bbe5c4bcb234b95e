// compare from the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/benchmark_commands.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using test::write_text;
using testing::ElementsAre;
using testing::HasSubstr;

class CompareCommand : public test::BenchmarkCommands {};

TEST_F(CompareCommand, CompareGivesEveryNumberOfThreadsTheSameAgents) {
  const ProgramResult result =
      run({"compare", "--devices", "cpu,cpu:1", "--agents", "2", "--total-steps", "400",
           "--measure-every", "100", "--whole-curve", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const json comparison = report();
  EXPECT_EQ(comparison["goal"]["score"], "regret");
  EXPECT_EQ(comparison["goal"]["threshold"], 20.0);
  EXPECT_EQ(comparison["goal"]["starts"], 500);
  ASSERT_EQ(comparison["devices"].size(), 2u);
  const json &all = comparison["devices"][0], &one = comparison["devices"][1];
  EXPECT_EQ(all["environment_steps_per_agent"], 400);
  EXPECT_EQ(all["updates_per_agent"], 304);  // learning starts with the 25th of 100 iterations
  ASSERT_EQ(all["runs"].size(), 1u);
  const json& run_all = all["runs"][0];
  ASSERT_EQ(run_all["measurements"].size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    const json& measurement = run_all["measurements"][i];
    EXPECT_EQ(measurement["environment_steps_per_agent"], 100 * (i + 1));
    EXPECT_EQ(measurement["scores"], one["runs"][0]["measurements"][i]["scores"]);
    const std::vector<double> scores = measurement["scores"];
    ASSERT_EQ(scores.size(), 2u);
    EXPECT_DOUBLE_EQ(measurement["mean_score"], 0.5 * (scores[0] + scores[1]));
  }
  EXPECT_NE(run_all["measurements"][0]["scores"], run_all["measurements"][3]["scores"]);
  EXPECT_EQ(run_all["final_mean_score"], run_all["measurements"][3]["mean_score"]);
  EXPECT_TRUE(run_all["goal_reached"].is_null());
  EXPECT_EQ(all["to_goal"]["runs_reached"], 0);
  EXPECT_EQ(all["to_goal"]["agents_solved_per_second"], 0.0);
  EXPECT_EQ(all["to_goal"]["agents_at_the_end"], 0);
  EXPECT_TRUE(all["to_goal"]["training_seconds"].is_null());
}

TEST_F(CompareCommand, CompareStopsMeasuringOnceTheGoalIsReached) {
  write_text(directory_ / "starts.json", R"({"theta": [0, 3], "theta_dot": [0, 1]})");
  const ProgramResult result =
      run({"compare", "--devices", "cpu", "--starts", "starts.json", "--threshold", "-5000",
           "--total-steps", "400", "--measure-every", "100", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const json comparison = report();
  EXPECT_EQ(comparison["configuration"]["agents"], 10);
  EXPECT_EQ(comparison["goal"], json({{"score", "return"}, {"threshold", -5000}, {"starts", 2}}));
  const json& device = comparison["devices"][0];
  const json& run = device["runs"][0];
  ASSERT_EQ(run["measurements"].size(), 2u);  // the first reaches it; then only the last
  EXPECT_EQ(run["goal_reached"]["environment_steps_per_agent"], 100);
  EXPECT_EQ(run["measurements"][1]["environment_steps_per_agent"], 400);
  const json& to_goal = device["to_goal"];
  EXPECT_EQ(to_goal["agents_at_the_end"], 10);
  // All ten are there at the first measurement, so that is the best moment to stop.
  const double seconds = run["goal_reached"]["training_seconds"];
  EXPECT_DOUBLE_EQ(to_goal["agents_solved_per_second"], 10.0 / seconds);
  EXPECT_GE(to_goal["process_seconds"], seconds + run["setup_seconds"].get<double>());
  EXPECT_LT(to_goal["process_seconds"], 1e5);  // of this process, not of the machine
}

// As `./run compare` does, which builds in the process that becomes the program.
TEST_F(CompareCommand, TheTimeToTheGoalLeavesOutWhatTheProcessDidBeforeTheProgram) {
  write_text(directory_ / "starts.json", R"({"theta": [0, 3], "theta_dot": [0, 1]})");
  const auto started = std::chrono::steady_clock::now();
  const ProgramResult result = test::run_program(
      {"compare",    "--devices",       "cpu", "--starts",          "starts.json", "--threshold",
       "-5000",      "--agents",        "1",   "--total-steps",     "400",         "--actor-hidden",
       "8",          "--critic-hidden", "8",   "--batch-size",      "32",          "--environments",
       "4",          "--warmup-steps",  "100", "--learning-starts", "100",         "--json",
       "report.json"},
      directory_.path(), [] { ::sleep(1); });
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  // Whatever the machine's speed: the program had no more than the rest.
  EXPECT_LE(report()["devices"][0]["to_goal"]["process_seconds"], elapsed.count() - 1.0);
}

TEST_F(CompareCommand, CompareRunsEverySeedByItself) {
  write_text(directory_ / "starts.json", R"({"theta": [0, 3], "theta_dot": [0, 1]})");
  const ProgramResult result = run({"compare", "--devices", "cpu,cpu:1", "--agents", "1", "--runs",
                                    "3", "--seed", "7", "--starts", "starts.json", "--threshold",
                                    "-5000", "--total-steps", "200", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("fastest and slowest of 3 runs"));
  const json device = report()["devices"][0];
  ASSERT_EQ(device["runs"].size(), 3u);
  std::vector<double> seconds;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(device["runs"][i]["first_seed"], 7 + i);
    seconds.push_back(device["runs"][i]["goal_reached"]["training_seconds"]);
  }
  std::sort(seconds.begin(), seconds.end());
  const json& summary = device["to_goal"]["training_seconds"];
  EXPECT_EQ(summary,
            json({{"median", seconds[1]}, {"lowest", seconds[0]}, {"highest", seconds[2]}}));
  EXPECT_NE(device["runs"][0]["final_mean_score"], device["runs"][1]["final_mean_score"]);
  // The process has started for the first device only.
  EXPECT_TRUE(report()["devices"][1]["to_goal"]["process_seconds"].is_null());
}

TEST_F(CompareCommand, AgentsSolvedPerSecondIsThatOfTheBestMomentToStop) {
  const std::vector<std::string> common = {
      "compare",       "--devices", "cpu", "--agents", "5",           "--total-steps",   "600",
      "--whole-curve", "--seed",    "11",  "--json",   "report.json", "--measure-every", "100"};
  ASSERT_EQ(run(common).exit_code, 0);
  json scores = report()["devices"][0]["runs"][0]["measurements"][3]["scores"];
  std::sort(scores.begin(), scores.end());
  // Between the agents' regrets in the middle of the training, so that some are there and some not.
  const double threshold = 0.5 * (scores[1].get<double>() + scores[2].get<double>());
  std::vector<std::string> with_goal = common;
  with_goal.insert(with_goal.end(), {"--threshold", std::to_string(threshold)});
  ASSERT_EQ(run(with_goal).exit_code, 0);

  const json device = report()["devices"][0];
  std::vector<bool> solved(5, false);
  double best = 0.0;
  for (const json& measurement : device["runs"][0]["measurements"]) {
    for (std::size_t agent = 0; agent < 5; ++agent) {
      if (measurement["scores"][agent] <= threshold) solved[agent] = true;
    }
    const auto agents = static_cast<double>(std::count(solved.begin(), solved.end(), true));
    best = std::max(best, agents / measurement["training_seconds"].get<double>());
  }
  EXPECT_GT(best, 0.0);
  EXPECT_DOUBLE_EQ(device["to_goal"]["agents_solved_per_second"], best);
}

TEST_F(CompareCommand, CompareWithoutBestReturnsNeedsNoGoal) {
  const ProgramResult result =
      run({"compare", "--devices", "cpu", "--environment-parameter", "gravity=5", "--agents", "1",
           "--total-steps", "200", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const json comparison = report();
  EXPECT_EQ(comparison["goal"]["score"], "return");
  EXPECT_TRUE(comparison["goal"]["threshold"].is_null());
  EXPECT_EQ(comparison["devices"][0]["runs"][0]["measurements"].size(), 1u);
  EXPECT_TRUE(comparison["devices"][0]["to_goal"].is_null());
}

// Nobody said what to compare: whatever there is, each once.
TEST_F(CompareCommand, CompareComparesWhatThereIs) {
  ::setenv("CUDA_VISIBLE_DEVICES", "", 1);  // hides the GPUs of a machine that has some
  const auto devices = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"compare", "--agents", "1",      "--total-steps", "200",
                                          "--tau",   "0.5",      "--json", "--whole-curve"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr("Comparing what there is: cpu"));
    EXPECT_THAT(result.errors, HasSubstr("(no GPU: "));
    std::vector<std::string> labels;
    const json comparison = json::parse(result.output);
    for (const json& device : comparison["devices"]) {
      labels.push_back(device["device"]);
    }
    return labels;
  };
  EXPECT_THAT(devices({"--threads", "2"}), ElementsAre("cpu", "cpu:1"));
  EXPECT_THAT(devices({"--threads", "1"}), ElementsAre("cpu")) << "that is all it has";
  ::unsetenv("CUDA_VISIBLE_DEVICES");
}

TEST_F(CompareCommand, CompareShowsWhichAgentHadWhat) {
  const ProgramResult result = run({"compare", "--devices", "cpu:1", "--agents", "3", "--tau",
                                    "0.5,0.25", "--total-steps", "200", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, testing::ContainsRegex("agent +tau +regret, cpu:1\n0 +0.5 "));
  EXPECT_THAT(result.output, testing::ContainsRegex("\n1 +0.25 .*\n2 +0.5 "));
  EXPECT_EQ(report()["agents"][1]["settings"], json({{"tau", 0.25}}));
}

}  // namespace
}  // namespace polyak
