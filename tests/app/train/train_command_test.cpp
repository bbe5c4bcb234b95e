// Trainings from the command line, and what they leave behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"
#include "io/text_value.hpp"
#include "polyak/policy.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::Program;
using test::ProgramResult;
using test::read_text;
using test::run_program;
using test::small_training;
using test::TemporaryDirectory;
using testing::HasSubstr;

std::vector<std::vector<std::string>> read_table(const std::filesystem::path& path) {
  std::istringstream lines(read_text(path));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(lines, line);) rows.push_back(split_text(line, ','));
  return rows;
}

TEST(TrainCommand, WritesARunDirectory) {
  const TemporaryDirectory directory;
  const ProgramResult result = run_program(small_training({"--output", "run"}), directory.path());
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("run/policy.safetensors"));
  EXPECT_THAT(result.output, HasSubstr("mean return"));
  EXPECT_THAT(result.errors, HasSubstr("600/600 steps (100%"));
  EXPECT_EQ(
      directory.listing(),
      (std::vector<std::string>{"run", "run/checkpoint.safetensors", "run/config.toml",
                                "run/evaluations.csv", "run/metrics.csv", "run/policy.safetensors",
                                "run/policy_best.safetensors", "run/summary.json"}));
  const Policy policy = Policy::load(directory / "run/policy.safetensors");
  EXPECT_EQ(policy.training.at("environment_steps"), "600");
  const json summary = json::parse(read_text(directory / "run/summary.json"));
  EXPECT_EQ(summary["stop_reason"], "finished");
  EXPECT_EQ(summary["environment_steps"], 600);
  EXPECT_EQ(summary["updates"], 269);
  EXPECT_EQ(summary["configuration"]["batch-size"], 16);
  EXPECT_EQ(summary["agents"][0]["evaluation"]["episodes"], 5);
}

TEST(TrainCommand, MetricsHaveARowPerAgentAndReport) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      run_program(small_training({"--output", "run", "--agents", "3", "--report-steps", "150"}),
                  directory.path());
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const auto rows = read_table(directory / "run/metrics.csv");
  ASSERT_EQ(rows.size(), 13u);  // a header, four reports of three agents
  ASSERT_EQ(rows[0].size(), 13u);
  EXPECT_EQ(rows[0][0], "agent");
  EXPECT_EQ(rows[12][0], "2");
  EXPECT_EQ(rows[12][1], "600");
  EXPECT_EQ(rows[12][2], "269");
  EXPECT_TRUE(parse_number<float>(rows[12][7]).has_value()) << "no critic loss";
  EXPECT_TRUE(std::filesystem::exists(directory / "run/policy_2.safetensors"));
  const json summary = json::parse(read_text(directory / "run/summary.json"));
  const double seconds = summary["seconds"];
  EXPECT_DOUBLE_EQ(summary["steps_per_second"].get<double>() * seconds, 3.0 * 600.0);
  EXPECT_DOUBLE_EQ(summary["updates_per_second"].get<double>() * seconds, 3.0 * 269.0);
}

TEST(TrainCommand, OfAPopulationTheBestPolicyIsNamed) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      run_program(small_training({"--output", "run", "--agents", "3"}), directory.path());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const json summary = json::parse(read_text(directory / "run/summary.json"));
  const int best = summary["evaluation"]["best_agent"];
  EXPECT_THAT(result.output, HasSubstr("\nBest at the end: run/policy_" + std::to_string(best) +
                                       ".safetensors\n"));
  const auto mean_return = [&](int agent) {
    return summary["agents"][static_cast<std::size_t>(agent)]["evaluation"]["mean_return"]
        .get<double>();
  };
  for (int agent = 0; agent < 3; ++agent) EXPECT_LE(mean_return(agent), mean_return(best));
}

TEST(TrainCommand, TheResolvedConfigurationRepeatsTheBits) {
  const TemporaryDirectory directory;
  const std::vector<std::string> options = {"--output",    "first",     "--agents",
                                            "2",           "--seed",    "5,3",
                                            "--tau",       "0.01,0.02", "--environment-parameter",
                                            "gravity=9.81"};
  ASSERT_EQ(run_program(small_training(options), directory.path()).exit_code, 0);
  const ProgramResult again = run_program(
      {"train", "--config", "first/config.toml", "--output", "second"}, directory.path());
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  for (const char* name : {"policy_0.safetensors", "policy_1.safetensors", "config.toml"}) {
    EXPECT_EQ(read_text(directory / "first" / name), read_text(directory / "second" / name))
        << name;
  }
  EXPECT_NE(read_text(directory / "first/policy_0.safetensors"),
            read_text(directory / "first/policy_1.safetensors"));
}

TEST(TrainCommand, DefaultDirectoryIsNamedAfterTheEnvironment) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_program(small_training({}), directory.path()).exit_code, 0);
  const std::vector<std::string> listing = directory.listing();
  ASSERT_GE(listing.size(), 2u);
  EXPECT_THAT(listing[1], testing::MatchesRegex("runs/Pendulum-v1-[0-9]{8}-[0-9]{6}"));
}

TEST(TrainCommand, OverwriteReplacesAndQuietIsQuiet) {
  const TemporaryDirectory directory;
  ASSERT_EQ(
      run_program(small_training({"--output", "run", "--agents", "2"}), directory.path()).exit_code,
      0);
  const ProgramResult again =
      run_program(small_training({"--output", "run", "--overwrite", "--quiet"}), directory.path());
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(again.errors, "");
  EXPECT_FALSE(std::filesystem::exists(directory / "run/policy_1.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(directory / "run/policy.safetensors"));
}

TEST(TrainCommand, EvaluatesFromGivenStarts) {
  const TemporaryDirectory directory;
  test::write_text(directory / "starts.json",
                   R"({"theta": [0, 1], "theta_dot": [0, 0], "best_return": [0, -10]})");
  const ProgramResult result =
      run_program(small_training({"--output", "run", "--agents", "2", "--starts", "starts.json"}),
                  directory.path());
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("mean regret"));
  const json summary = json::parse(read_text(directory / "run/summary.json"));
  const json& agent = summary["agents"][1]["evaluation"];
  EXPECT_EQ(agent["episodes"], 2);
  EXPECT_NEAR(agent["regret"]["mean"].get<double>(), -5.0 - agent["mean_return"].get<double>(),
              1e-9);
  EXPECT_TRUE(summary["evaluation"]["regret"]["standard_error"].is_number());
}

TEST(TrainCommand, CtrlCWritesEverythingAndExitsWith130) {
  const TemporaryDirectory directory;
  Program program(small_training({"--output", "run", "--total-steps", "1e9", "--replay-capacity",
                                  "1000", "--report-steps", "100"}),
                  directory.path());
  test::wait_for_text(directory / "run/metrics.csv", "\n0,");  // the training is under way
  program.interrupt();
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.exit_code, 130) << result.errors;
  const Policy policy = Policy::load(directory / "run/policy.safetensors");
  const json summary = json::parse(read_text(directory / "run/summary.json"));
  EXPECT_EQ(summary["stop_reason"], "interrupted");
  EXPECT_EQ(policy.training.at("environment_steps"), summary["environment_steps"].dump());
  EXPECT_EQ(read_table(directory / "run/metrics.csv").back()[1],
            summary["environment_steps"].dump());
}

TEST(TrainCommand, DivergenceNamesAgentAndQuantityAndKeepsThePolicy) {
  const TemporaryDirectory directory;
  const ProgramResult diverged = run_program(small_training({"--output",
                                                             "diverged",
                                                             "--quiet",
                                                             "--agents",
                                                             "2",
                                                             "--learning-rate-actor",
                                                             "1e-3,10",
                                                             "--learning-rate-critic",
                                                             "1e-3,10",
                                                             "--tau",
                                                             "0.005,1",
                                                             "--adam-beta1",
                                                             "0",
                                                             "--adam-beta2",
                                                             "0",
                                                             "--activation",
                                                             "elu",
                                                             "--critic-hidden",
                                                             "256,256,256,256",
                                                             "--json"}),
                                             directory.path());
  EXPECT_EQ(diverged.exit_code, 1);
  EXPECT_THAT(diverged.errors, testing::ContainsRegex("agent 1: the .* became NaN or infinite in "
                                                      "update [0-9]+ \\(environment step"));
  EXPECT_THAT(diverged.errors, HasSubstr("diverged/policy_0.safetensors"));
  EXPECT_EQ(std::count(diverged.errors.begin(), diverged.errors.end(), '\n'), 1);
  Policy::load(directory / "diverged/policy_1.safetensors");  // refuses values that are not finite
  const json summary = json::parse(read_text(directory / "diverged/summary.json"));
  EXPECT_EQ(summary["stop_reason"], "non_finite");
  EXPECT_EQ(json::parse(diverged.output), summary);
  EXPECT_EQ(summary["divergence"]["agent"], 1);
}

TEST(TrainCommand, FullDiskIsReportedAndLeavesNothingHalfWritten) {
  const TemporaryDirectory directory;
  // Enough for the configuration and the metrics, too little for a policy of 64-64 units.
  const ProgramResult result =
      run_program(small_training({"--output", "run", "--quiet", "--actor-hidden", "64,64"}),
                  directory.path(), 12000);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("cannot write run/policy.safetensors: "));
  EXPECT_THAT(result.errors, HasSubstr("polyak: warning: cannot write run/policy_best"));
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 2) << result.errors;
  EXPECT_EQ(directory.listing(),
            (std::vector<std::string>{"run", "run/config.toml", "run/evaluations.csv",
                                      "run/metrics.csv"}));
}

TEST(TrainCommand, AFullDiskDuringTrainingStillSavesThePolicy) {
  const TemporaryDirectory directory;
  // The metrics of this training outgrow the limit; its policy does not.
  const ProgramResult result =
      run_program(small_training({"--output", "run", "--quiet", "--total-steps", "2e4",
                                  "--replay-capacity", "1000", "--report-steps", "2"}),
                  directory.path(), 8000);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("cannot write run/metrics.csv"));
  Policy::load(directory / "run/policy.safetensors");
}

}  // namespace
}  // namespace polyak
