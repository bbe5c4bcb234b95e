// `polyak tune` as its users run it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/bad_input.hpp"
#include "app/program.hpp"
#include "app/same_training.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/policy.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::run_program;
using test::TemporaryDirectory;
using testing::HasSubstr;

const std::string space =
    "tau = { log = [0.005, 0.5] }\n"
    "learning-rate-critic = { log = [1e-4, 1e-2] }\n";

/// A search of a tenth of a second.
std::vector<std::string> small_search(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = test::small_training({});
  arguments.front() = "tune";
  const std::vector<std::pair<std::string, std::string>> defaults = {
      {"--trials", "6"}, {"--confirm", "2"}, {"--confirm-seeds", "2"}};
  for (const auto& [name, value] : defaults) {
    if (std::find(more.begin(), more.end(), name) != more.end()) continue;
    arguments.insert(arguments.end(), {name, value});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

ProgramResult tune(const TemporaryDirectory& directory, const std::vector<std::string>& more) {
  test::write_text(directory / "space.toml", space);
  std::vector<std::string> all = {"--seeds", "2", "--first-rung", "200"};
  all.insert(all.end(), more.begin(), more.end());
  return run_program(small_search(all), directory.path());
}

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
  EXPECT_THAT(result.output, HasSubstr("where it was chosen for its score"));
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
  EXPECT_FALSE(std::filesystem::exists(directory / "found/populations"));
  const ProgramResult training = run_program(
      {"train", "--config", "found/best.toml", "--output", "trained"}, directory.path());
  EXPECT_EQ(training.exit_code, 0) << training.errors;
}

// The best agent's training again, alone: the score that it had in the search.
TEST(TuneCommand, APopulationsScheduleTrainsItsBestAgentAgain) {
  const TemporaryDirectory directory;
  test::write_text(directory / "space.toml", space);
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

TEST(TuneCommand, ReplacesASearchOnlyIfAsked) {
  const TemporaryDirectory directory;
  ASSERT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 0);
  const ProgramResult refused = tune(directory, {"space.toml", "--output", "found"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("--overwrite to replace the search"));
  EXPECT_EQ(tune(directory, {"space.toml", "--output", "found", "--overwrite"}).exit_code, 0);
  std::filesystem::create_directory(directory / "other");
  test::write_text(directory / "other/notes", "mine");
  const ProgramResult full = tune(directory, {"space.toml", "--output", "other", "--overwrite"});
  EXPECT_EQ(full.exit_code, 2);
  EXPECT_THAT(full.errors, HasSubstr("notes in it is not of a search"));
}

TEST(TuneCommand, ReplacesNothingThatIsNotOfASearch) {
  const TemporaryDirectory directory;
  ASSERT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 0);
  const std::vector<std::string> again = {"space.toml", "--output", "found", "--overwrite"};
  std::filesystem::create_directory(directory / "found/populations");
  test::write_text(directory / "found/populations/mine", "precious");
  EXPECT_THAT(tune(directory, again).errors, HasSubstr("populations in it is not of a search"));
  std::filesystem::remove(directory / "found/populations/mine");
  std::filesystem::remove(directory / "found/best.toml");
  std::filesystem::create_directory(directory / "found/best.toml");
  EXPECT_THAT(tune(directory, again).errors, HasSubstr("best.toml in it is not of a search"));
  EXPECT_TRUE(std::filesystem::exists(directory / "found/trials.csv"));
  test::write_text(directory / "found/search.json", "{\"a\": 1}");
  EXPECT_THAT(tune(directory, again).errors, HasSubstr("is not of a search"));
  EXPECT_TRUE(std::filesystem::exists(directory / "found/trials.csv"));
}

// Until the newer one has found something, the older one is kept.
TEST(TuneCommand, WhatReplacesASearchMayFailWithoutLosingIt) {
  const TemporaryDirectory directory;
  ASSERT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 0);
  const auto listing = [&] {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "found")) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  const auto before = listing();
  const std::string trials = test::read_text(directory / "found/trials.csv");
  const std::vector<std::string> again = {"space.toml", "--output", "found", "--overwrite"};
  constexpr std::size_t largest_file = 3000;  // its config.toml is larger
  const ProgramResult failed =
      run_program(small_search({"space.toml", "--output", "found", "--overwrite"}),
                  directory.path(), largest_file);
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.errors, HasSubstr("cannot write found/config.toml"));
  EXPECT_EQ(listing(), before) << failed.errors;
  EXPECT_EQ(test::read_text(directory / "found/trials.csv"), trials);

  // One that was killed when it had just begun; then the one that takes its place finds something.
  const auto aside = directory / "found/.replaced";
  std::filesystem::create_directory(aside);
  std::filesystem::rename(directory / "found/search.json", aside / "search.json");
  std::filesystem::rename(directory / "found/trials.csv", aside / "trials.csv");
  EXPECT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 2);
  EXPECT_EQ(run_program({"tune", "--resume", "found"}, directory.path()).exit_code, 0);
  EXPECT_EQ(listing(), before);
  EXPECT_EQ(test::read_text(directory / "found/trials.csv"), trials);
  EXPECT_EQ(tune(directory, again).exit_code, 0);
  EXPECT_EQ(listing(), before);

  // What somebody else has there stays.
  std::filesystem::create_directory(aside);
  test::write_text(aside / "mine", "precious");
  for (const ProgramResult& refused :
       {tune(directory, again), run_program({"tune", "--resume", "found"}, directory.path())}) {
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.errors, HasSubstr(".replaced in it is not of a search"));
  }
  EXPECT_EQ(test::read_text(aside / "mine"), "precious");
}

// What a process that was killed while it wrote has left.
TEST(TuneCommand, TemporaryFilesOfAKilledOneGo) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "found");
  test::write_text(directory / "found/.polyak-30353-0.tmp", "");
  EXPECT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(directory / "found/.polyak-30353-0.tmp"));
}

// Its first file, and what else may be there as long as its config.toml is not.
TEST(TuneCommand, OneThatWasKilledBeforeItBeganBeginsAnew) {
  const TemporaryDirectory directory;
  test::write_text(directory / "starts.json", R"({"theta": [0.5, 1.0], "theta_dot": [0.0, 0.0]})");
  ASSERT_EQ(
      tune(directory, {"space.toml", "--output", "whole", "--starts", "starts.json"}).exit_code, 0);
  for (const auto& names : std::vector<std::vector<std::string>>{
           {"search.json"}, {"search.json", "space.toml", "starts.json", ".polyak-9-1.tmp"}}) {
    const auto killed = directory / "killed";
    std::filesystem::create_directory(killed);
    for (const std::string& name : names) {
      test::write_text(killed / name, name.ends_with(".tmp")
                                          ? ""
                                          : test::read_text(directory / ("whole/" + name)));
    }
    const ProgramResult resumed = run_program({"tune", "--resume", "killed"}, directory.path());
    EXPECT_EQ(resumed.exit_code, 2);
    EXPECT_THAT(resumed.errors, HasSubstr("cut off before it began; give the command"));
    const ProgramResult again = tune(directory, {"space.toml", "--output", "killed"});
    EXPECT_EQ(again.exit_code, 0) << again.errors;
    EXPECT_FALSE(std::filesystem::exists(killed / "starts.json"));
    EXPECT_EQ(run_program({"tune", "--resume", "killed"}, directory.path()).exit_code, 0);
    std::filesystem::remove_all(killed);
  }
  // With results it has begun, whatever has become of its configuration.
  std::filesystem::remove(directory / "whole/config.toml");
  EXPECT_EQ(tune(directory, {"space.toml", "--output", "whole"}).exit_code, 2);
  EXPECT_TRUE(std::filesystem::exists(directory / "whole/trials.csv"));
}

TEST(TuneCommand, WithoutRoomNothingBegins) {
  const TemporaryDirectory directory;
  test::write_text(directory / "space.toml", space);
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

TEST(TuneCommand, AFinishedOneIsShownAgain) {
  const TemporaryDirectory directory;
  const ProgramResult first = tune(directory, {"space.toml", "--output", "found"});
  const std::string results = first.output.substr(first.output.find("Searched for"));
  const auto written = std::filesystem::last_write_time(directory / "found/confirmations.csv");
  const ProgramResult again = run_program({"tune", "--resume", "found"}, directory.path());
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_THAT(again.output, HasSubstr(results));
  EXPECT_EQ(std::filesystem::last_write_time(directory / "found/confirmations.csv"), written);
}

class TuneRefusals : public testing::TestWithParam<test::BadInput> {};

TEST_P(TuneRefusals, AreOneLineWithNothingWritten) { test::expect_refusal(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Options, TuneRefusals,
    testing::Values(
        test::BadInput{"NoSpace", {"tune"}, "which space to search is missing"},
        test::BadInput{"MissingFile", {"tune", "nowhere.toml"}, "nowhere.toml"},
        test::BadInput{"UnknownField", {"tune", "section.toml"}, "section.toml: line 2"},
        test::BadInput{
            "Scheduler", {"tune", "s", "--scheduler", "magic"}, "--scheduler: unknown scheduler"},
        test::BadInput{
            "Sampler", {"tune", "s", "--sampler", "magic"}, "--sampler: unknown sampler"},
        test::BadInput{"Agents", {"tune", "s", "--agents", "3"}, "--agents"},
        test::BadInput{"CohortWithoutAsha", {"tune", "s", "--cohort", "3"}, "--scheduler asha"},
        test::BadInput{"RungWithoutHalving",
                       {"tune", "s", "--scheduler", "none", "--first-rung", "9"},
                       "--first-rung: has no effect"},
        test::BadInput{"PbtWithout", {"tune", "s", "--pbt-copy", "networks"}, "--scheduler pbt"},
        test::BadInput{"PbtCopy", {"tune", "s", "--pbt-copy", "all"}, "neither everything nor"},
        test::BadInput{"PbtSeeds",
                       {"tune", "s", "--scheduler", "pbt", "--seeds", "2"},
                       "members have a seed each"},
        test::BadInput{"Overwrite", {"tune", "s", "--overwrite"}, "without --output"},
        test::BadInput{"IntervalZero",
                       {"tune", "s", "--scheduler", "pbt", "--pbt-intervals", "0"},
                       "--pbt-intervals: 0 is out of range"},
        test::BadInput{"IntervalBeyondTheEnd",
                       {"tune", "s", "--scheduler", "pbt", "--pbt-intervals", "10000"},
                       "never pass in a training"},
        test::BadInput{"TooFewMembers",
                       {"tune", "s", "--scheduler", "pbt", "--trials", "4"},
                       "have no worst 20%; use at least 5"},
        test::BadInput{"SaidByTheSpace",
                       {"tune", "s", "--tau", "0.3"},
                       "--tau: has no effect, as s says it for every trial"},
        test::BadInput{"MoreTrialsThanSettings", {"tune", "s"}, "--trials 64: s has only 2"},
        test::BadInput{"PartOfAGrid",
                       {"tune", "s", "--sampler", "grid", "--trials", "1"},
                       "--trials 1: the grid has 2 settings"},
        test::BadInput{"CohortOfAll",
                       {"tune", "s", "--scheduler", "asha", "--trials", "2", "--cohort", "3"},
                       "--cohort 3: is more than --trials 2"},
        test::BadInput{"RungAtTheEnd",
                       {"tune", "s", "--trials", "2", "--first-rung", "10000"},
                       "--first-rung 10000: leaves no rung before the end"},
        test::BadInput{"NotTheSettingsFault",
                       {"tune", "s", "--trials", "2", "--learning-starts", "9"},
                       "polyak: --learning-starts: 9 environment steps"},
        test::BadInput{"OutOfRange",
                       {"tune", "s", "--trials", "2", "--discount", "2"},
                       "polyak: --discount: 2 is out of range"},
        test::BadInput{"AskTellReduction",
                       {"tune", "--ask-tell", "--reduction", "4"},
                       "--reduction: has no effect with --ask-tell"},
        test::BadInput{"JsonOverSpace", {"tune", "s", "--json=s"}, "--json s"},
        test::BadInput{"AskTellScheduler",
                       {"tune", "--ask-tell", "--scheduler", "asha"},
                       "--scheduler: has no effect with --ask-tell"},
        test::BadInput{"ResumeNowhere", {"tune", "--resume", "nowhere"}, "no such directory"},
        test::BadInput{"ResumeNoSearch", {"tune", "--resume", "empty"}, "there is no search in it"},
        test::BadInput{"ScheduleFile", {"train", "--schedule", "steps.csv"}, "is no schedule"},
        test::BadInput{
            "ScheduleAndAgents", {"train", "--schedule", "s", "--agents", "2"}, "--agents"}),
    test::bad_input_name);

}  // namespace
}  // namespace polyak
