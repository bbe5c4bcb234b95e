// `polyak tune` as its users run it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/program.hpp"
#include "app/same_training.hpp"
#include "app/tune/small_tune.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/policy.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::run_program;
using test::small_search;
using test::small_space;
using test::TemporaryDirectory;
using test::tune;
using testing::HasSubstr;

std::string first_line(const std::filesystem::path& file) {
  const std::string text = test::read_text(file);
  return text.substr(0, text.find('\n'));
}

TEST(TuneCommand, WritesItsTablesTheBestSettingsAndAPolicy) {
  const TemporaryDirectory directory;
  const ProgramResult result = tune(directory, {"space.toml", "--output", "found"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output,
              HasSubstr("Searching 2 options of Pendulum-v1 with 6 trials of 2 seeds"));
  EXPECT_THAT(result.output, HasSubstr("polyak train --config found/best.toml"));
  EXPECT_THAT(result.output, HasSubstr("where it had -1479.2, the same within the errors; "));
  EXPECT_EQ(first_line(directory / "found/trials.csv"),
            "trial,status,rung,environment_steps,updates,seeds,score,standard_error,worst,tau,"
            "learning_rate_critic");
  EXPECT_EQ(first_line(directory / "found/rungs.csv"),
            "rung,environment_steps,trial,score,standard_error,worst,kept");
  EXPECT_THAT(first_line(directory / "found/confirmations.csv"),
              testing::StartsWith("rank,trial,search_score,search_standard_error,again_score,"));
  EXPECT_EQ(Policy::load(directory / "found/policy_best.safetensors").training.at("updates"),
            "269");
  const auto summary = nlohmann::json::parse(test::read_text(directory / "found/summary.json"));
  EXPECT_EQ(summary.at("confirmed").size(), 2u);
  EXPECT_TRUE(summary.at("best").at("setting").at("tau").is_number()) << summary;
  EXPECT_THAT(first_line(directory / "found/config.toml"),
              testing::StartsWith("# What the trials of a search have in common"));
  EXPECT_THAT(first_line(directory / "found/best.toml"),
              testing::StartsWith("# A training of polyak; repeat it with"));
  EXPECT_FALSE(std::filesystem::exists(directory / "found/populations"));
  const ProgramResult training = run_program(
      {"train", "--config", "found/best.toml", "--output", "trained"}, directory.path());
  EXPECT_EQ(training.exit_code, 0) << training.errors;
}

// Scores near 0, which one digit would call -0.0.
TEST(TuneCommand, SmallScoresHaveMoreDigits) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      tune(directory, {"space.toml", "--output", "found", "--environment",
                       "MountainCarContinuous-v0", "--confirm", "1", "--trials", "2"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, testing::ContainsRegex("fresh seeds: -[0-9]\\.[0-9]{3} from"));
  EXPECT_THAT(result.output, testing::ContainsRegex("; -[0-9]\\.[0-9]{3} from 100 others"));
  EXPECT_THAT(result.output,
              testing::ContainsRegex("-[0-9]\\.[0-9]{3} \\(standard error [0-9]\\.[0-9]{3}\\)"));
}

// The best agent's training again, alone: the score that it had in the search.
TEST(TuneCommand, APopulationsScheduleTrainsItsBestAgentAgain) {
  const TemporaryDirectory directory;
  test::write_text(directory / "space.toml", small_space);
  const ProgramResult result =
      run_program(small_search({"space.toml", "--output", "found", "--scheduler", "pbt", "--trials",
                                "8", "--pbt-intervals", "100", "--seed", "5"}),
                  directory.path());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const ProgramResult training =
      run_program({"train", "--config", "found/best.toml", "--schedule", "found/lineage.csv",
                   "--output", "trained", "--evaluation-episodes", "5", "--json"},
                  directory.path());
  ASSERT_EQ(training.exit_code, 0) << training.errors;
  const auto summary = nlohmann::json::parse(test::read_text(directory / "found/summary.json"));
  const auto trained = nlohmann::json::parse(training.output);
  EXPECT_EQ(trained.at("agents").at(0).at("evaluation").at("mean_return").get<float>(),
            summary.at("best").at("search_score").at("mean").get<float>())
      << training.output;
}

// A training by a schedule of two rows, from a checkpoint before the second of them.
TEST(TuneCommand, AScheduleGoesOnWhereItWas) {
  const TemporaryDirectory directory;
  test::write_text(
      directory / "schedule.csv",
      "environment_steps,agent,copied_from,copied,seed,tau\n0,0,,,6,0.3\n0,1,,,7,0.01\n"
      "200,0,1,networks,8,0.02\n200,1,,,7,0.01\n400,0,,,8,0.2\n400,1,,,7,0.03\n");
  const auto train = [&](const std::string& output) {
    return run_program(test::small_training({"--schedule", "schedule.csv", "--output", output,
                                             "--checkpoint-every", "100", "--keep-checkpoints", "9",
                                             "--report-steps", "100"}),
                       directory.path());
  };
  ASSERT_EQ(train("whole").exit_code, 0);
  ASSERT_EQ(train("run").exit_code, 0);
  const auto checkpoint = [&](const std::string& age) {
    return directory / ("run/checkpoint" + age + ".safetensors");
  };
  std::filesystem::rename(checkpoint(".3"), checkpoint(""));
  for (const char* const age : {".1", ".2"}) std::filesystem::remove(checkpoint(age));
  const ProgramResult resumed =
      run_program({"train", "--resume", "run", "--keep-checkpoints", "9"}, directory.path());
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  EXPECT_THAT(resumed.output, HasSubstr("after 300 environment steps"));
  test::expect_same_training(directory / "run", directory / "whole");
}

TEST(TuneCommand, GoesOnAfterBeingKilled) {
  const TemporaryDirectory directory;
  ASSERT_EQ(tune(directory, {"space.toml", "--output", "whole"}).exit_code, 0);
  {
    test::Program killed(
        small_search({"space.toml", "--output", "killed", "--seeds", "2", "--first-rung", "200"}),
        directory.path());
    test::wait_for_text(directory / "killed/rungs.csv", "\n0,");
    killed.send(SIGKILL);
    killed.wait();
  }
  const ProgramResult resumed = run_program({"tune", "--resume", "killed"}, directory.path());
  EXPECT_EQ(resumed.exit_code, 0) << resumed.errors;
  for (const std::string name :
       {"trials.csv", "rungs.csv", "confirmations.csv", "best.toml", "policy_best.safetensors"}) {
    EXPECT_EQ(test::read_text(directory / ("killed/" + name)),
              test::read_text(directory / ("whole/" + name)))
        << name;
  }
}

TEST(TuneCommand, WithoutRoomNothingBegins) {
  const TemporaryDirectory directory;
  test::write_text(directory / "space.toml", small_space);
  for (const std::string scheduler : {"halving", "pbt"}) {
    const ProgramResult failed =
        run_program({"tune", "space.toml", "--output", "found", "--scheduler", scheduler,
                     "--replay-capacity", "1000000000000", "--total-steps", "1000000000000"},
                    directory.path());
    EXPECT_EQ(failed.exit_code, 1);
    EXPECT_THAT(failed.errors, HasSubstr("not enough memory"));
    EXPECT_FALSE(std::filesystem::exists(directory / "found"));
  }
}

// What the configuration lacks by itself, and what has no effect in some of the trials.
TEST(TuneCommand, TheTrialsAreWhatMustBePossible) {
  const TemporaryDirectory directory;
  test::write_text(directory / "space.toml",
                   "batch-size = [16, 8]\nexploration = ['gaussian', 'ornstein-uhlenbeck']\n");
  const std::vector<std::string> arguments = {"tune",
                                              "space.toml",
                                              "--sampler",
                                              "grid",
                                              "--seeds",
                                              "1",
                                              "--confirm",
                                              "0",
                                              "--device",
                                              "cpu",
                                              "--total-steps",
                                              "600",
                                              "--output",
                                              "found",
                                              "--actor-hidden",
                                              "8",
                                              "--critic-hidden",
                                              "8",
                                              "--learning-starts",
                                              "100"};
  std::vector<std::string> more = arguments;
  more.insert(more.end(), {"--noise-dt", "0.3"});
  const ProgramResult found = run_program(more, directory.path());
  EXPECT_EQ(found.exit_code, 0) << found.errors;
  EXPECT_THAT(found.output, HasSubstr("(200, 600 steps)"));
  const ProgramResult shown = run_program({"tune", "--resume", "found"}, directory.path());
  EXPECT_EQ(shown.exit_code, 0) << shown.errors;
  more = arguments;
  more.insert(more.end(), {"--target-noise-clip", "0.3"});
  const ProgramResult refused = run_program(more, directory.path());
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("--target-noise-clip: has no effect"));
}

// Each names a member of search.json and what it becomes.
TEST(TuneCommand, ADamagedRecordIsRefused) {
  const TemporaryDirectory directory;
  ASSERT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 0);
  const std::string whole = test::read_text(directory / "found/search.json");
  const std::vector<std::pair<std::string, std::string>> damages = {
      {"/options/seeds", "0"},
      {"/options/cohort", "0"},
      {"/options/reduction", "1.0"},
      {"/options/trials", "1000000000000"},
      {"/options/pbt_intervals", "[0]"},
      {"/options/pbt_copy", "\"all\""},
      {"/results/confirmations/0/trial", "-1"},
      {"/results/scores/0", "[[1,1,1],[1,1,1],[1,1,1]]"},
      {"/results/scores", "[]"},
      {"/results/seconds", "\"long\""},
      {"/results", "null"},
      {"/options", "3"}};
  for (const auto& [place, value] : damages) {
    auto json = nlohmann::ordered_json::parse(whole);
    json[nlohmann::ordered_json::json_pointer(place)] = nlohmann::ordered_json::parse(value);
    test::write_text(directory / "found/search.json", json.dump());
    const ProgramResult result = run_program({"tune", "--resume", "found"}, directory.path());
    EXPECT_EQ(result.exit_code, 2) << place << ": " << result.errors;
    EXPECT_THAT(result.errors, HasSubstr("found/search.json: "));
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
}

TEST(TuneCommand, AnotherSpaceOrConfigurationIsAnotherSearch) {
  const TemporaryDirectory directory;
  test::write_text(directory / "starts.json", R"({"theta": [0.5, 1.0], "theta_dot": [0.0, 0.0]})");
  ASSERT_EQ(
      tune(directory, {"space.toml", "--output", "found", "--starts", "starts.json"}).exit_code, 0);
  for (const auto& [name, from, to] : std::vector<std::array<std::string, 3>>{
           {"space.toml", "0.005", "0.006"},
           {"starts.json", "1.0", "1.5"},
           {"config.toml", "discount = ", "discount = 0.5 #"}}) {
    const std::string whole = test::read_text(directory / "found" / name);
    std::string other = whole;
    ASSERT_NE(other.find(from), std::string::npos) << other;
    other.replace(other.find(from), from.size(), to);
    test::write_text(directory / "found" / name, other);
    const ProgramResult result = run_program({"tune", "--resume", "found"}, directory.path());
    EXPECT_EQ(result.exit_code, 2) << name;
    EXPECT_THAT(result.errors, HasSubstr("found/search.json: began with another")) << name;
    test::write_text(directory / "found" / name, whole);
  }
  EXPECT_EQ(
      run_program({"tune", "--resume", "found", "--threads", "2"}, directory.path()).exit_code, 0);
}

// As `polyak train --algorithm td3 --actor-delay 3` does, and so does a search that goes on.
TEST(TuneCommand, WhatIsGivenWinsOverATrialsAlgorithm) {
  const TemporaryDirectory directory;
  test::write_text(directory / "space.toml", "algorithm = 'td3'\ntau = [0.1, 0.2]\n");
  const ProgramResult result =
      run_program(small_search({"space.toml", "--trials", "2", "--seeds", "1", "--actor-delay", "3",
                                "--output", "found"}),
                  directory.path());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  for (const bool goes_on : {false, true}) {
    if (goes_on) {
      std::filesystem::remove(directory / "found/summary.json");
      std::filesystem::remove(directory / "found/best.toml");
      ASSERT_EQ(run_program({"tune", "--resume", "found"}, directory.path()).exit_code, 0);
    }
    const std::string best = test::read_text(directory / "found/best.toml");
    EXPECT_THAT(best, HasSubstr("actor-delay = 3")) << goes_on;
    EXPECT_THAT(best, HasSubstr("target-delay = 2")) << goes_on;
  }
}

TEST(TuneCommand, AFinishedOneIsShownAgain) {
  const TemporaryDirectory directory;
  const ProgramResult first = tune(directory, {"space.toml", "--output", "found"});
  std::string results = first.output.substr(first.output.find("Searched for"));
  results.replace(results.find("Wrote found"), 11, "It was finished; in found");
  const auto written = std::filesystem::last_write_time(directory / "found/confirmations.csv");
  const ProgramResult again = run_program({"tune", "--resume", "found"}, directory.path());
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_THAT(again.output, HasSubstr(results));
  EXPECT_EQ(std::filesystem::last_write_time(directory / "found/confirmations.csv"), written);
}

// There is nothing to go on with, and nothing to train.
TEST(TuneCommand, OneWithoutAResultIsOver) {
  const TemporaryDirectory directory;
  test::write_text(directory / "space.toml", "learning-rate-critic = { uniform = [9.0, 10.0] }\n");
  for (const std::string scheduler : {"none", "pbt"}) {
    const std::string end = "every " + std::string(scheduler == "pbt" ? "member" : "trial") +
                            " has had a value that is not finite; narrow the ranges of ";
    const ProgramResult first = run_program(
        small_search({"space.toml", "--scheduler", scheduler, "--output", scheduler, "--activation",
                      "elu", "--tau", "1", "--adam-beta1", "0", "--adam-beta2", "0",
                      "--critic-hidden", "128,128,128,128", "--json=" + scheduler + ".json"}),
        directory.path());
    EXPECT_EQ(first.exit_code, 1);
    EXPECT_THAT(first.errors, HasSubstr(end + "space.toml\n"));
    const auto summary =
        nlohmann::json::parse(test::read_text(directory / scheduler / "summary.json"));
    EXPECT_EQ(summary.at("finished"), true);
    EXPECT_TRUE(summary.at("best").is_null());
    EXPECT_EQ(nlohmann::json::parse(test::read_text(directory / (scheduler + ".json"))), summary);
    const ProgramResult again = run_program({"tune", "--resume", scheduler}, directory.path());
    EXPECT_EQ(again.exit_code, 1);
    EXPECT_THAT(again.errors, HasSubstr(end));
    const std::string trials = test::read_text(directory / scheduler / "trials.csv");
    EXPECT_THAT(trials, HasSubstr("\n0,failed,"));
    EXPECT_THAT(trials, testing::Not(HasSubstr("running")));
  }
}

}  // namespace
}  // namespace polyak
