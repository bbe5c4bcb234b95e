// Trainings that are interrupted, killed, short of disk, and go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "app/program.hpp"
#include "app/same_training.hpp"
#include "io/checkpoint_files.hpp"
#include "io/temporary_directory.hpp"
#include "io/text_value.hpp"
#include "polyak/policy.hpp"
#include "trainer/checkpoint.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::expect_same_training;
using test::Program;
using test::ProgramResult;
using test::read_text;
using test::run_program;
using test::small_training;
using test::TemporaryDirectory;
using testing::HasSubstr;

std::vector<std::string> resumption(const std::vector<std::string>& more = {}) {
  std::vector<std::string> options = {"train", "--resume", "run", "--evaluation-episodes", "5"};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

std::map<std::string, std::string> files_in(const std::filesystem::path& run) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(run)) {
    files[entry.path().filename()] = read_text(entry.path());
  }
  return files;
}

bool has_checkpoint(const TemporaryDirectory& directory) {
  return std::filesystem::exists(directory / "run/checkpoint.safetensors");
}

/// Starts the program and kills it after a while.
int killed_after(const std::vector<std::string>& arguments, const TemporaryDirectory& directory,
                 std::chrono::microseconds time) {
  Program program(arguments, directory.path());
  std::this_thread::sleep_for(time);
  program.send(SIGKILL);
  return program.wait().exit_code;
}

// POLYAK_KILLS=500 is the long version; bench/kills.py is one for any training.
TEST(Resume, KilledAtAnyMomentItIsTheTrainingThatWasNeverInterrupted) {
  const char* const more = std::getenv("POLYAK_KILLS");
  const int wanted = more == nullptr ? 20 : parse_number<int>(more).value_or(20);
  const TemporaryDirectory directory;
  const auto training = [](const std::string& output) {
    return small_training({"--output", output, "--agents", "2", "--tau", "0.01,0.02",
                           "--total-steps", "6000", "--report-steps", "700", "--quiet",
                           "--checkpoint-every", "300", "--noise-scale-final", "0.01"});
  };
  ASSERT_EQ(run_program(training("whole"), directory.path()).exit_code, 0);
  std::mt19937 random(20);
  std::uniform_int_distribution<int> moment(0, 60'000);
  for (int kills = 0; kills < wanted && !testing::Test::HasFailure();) {
    const std::vector<std::string> on = resumption(
        {"--quiet", "--checkpoint-every", "300", "--threads", std::to_string(kills % 3 + 1)});
    const bool begun = has_checkpoint(directory);
    if (!begun) std::filesystem::remove_all(directory / "run");
    const int exit_code = killed_after(begun ? on : training("run"), directory,
                                       std::chrono::microseconds(moment(random)));
    if (exit_code == 128 + SIGKILL) {
      ++kills;
      if (kills < wanted) continue;
      if (has_checkpoint(directory)) run_program(on, directory.path());
    }
    // It has come to its end: once more from the beginning.
    if (has_checkpoint(directory)) expect_same_training(directory / "run", directory / "whole");
    std::filesystem::remove_all(directory / "run");
  }
}

TEST(Resume, AnInterruptedTrainingGoesOnAndAFinishedOneWithMoreSteps) {
  const TemporaryDirectory directory;
  const std::vector<std::string> options = {"--total-steps",     "40000", "--report-steps", "900",
                                            "--replay-capacity", "1000"};
  const auto training = [&](std::vector<std::string> more) {
    more.insert(more.end(), options.begin(), options.end());
    return small_training(more);
  };
  Program program(training({"--output", "run"}), directory.path());
  test::wait_for_text(directory / "run/metrics.csv", "\n0,900");
  program.send(SIGTERM);
  const ProgramResult first = program.wait();
  ASSERT_EQ(first.exit_code, 128 + SIGTERM) << first.errors;
  EXPECT_THAT(first.output, HasSubstr("to go on from it: polyak train --resume run\n"));
  const ProgramResult second = run_program(resumption(), directory.path());
  ASSERT_EQ(second.exit_code, 0) << second.errors;
  EXPECT_THAT(second.output, HasSubstr("Going on from run/checkpoint.safetensors ("));
  EXPECT_THAT(second.output, HasSubstr("polyak train --resume run --total-steps 80000\n"));
  ASSERT_EQ(run_program(training({"--output", "whole"}), directory.path()).exit_code, 0);
  expect_same_training(directory / "run", directory / "whole");

  const auto files = files_in(directory / "run");
  const ProgramResult finished = run_program(resumption(), directory.path());
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.errors, HasSubstr("finished, with 40000 environment steps; to go on, give "
                                         "it more --total-steps"));
  EXPECT_TRUE(files_in(directory / "run") == files);
  ASSERT_EQ(run_program(resumption({"--total-steps", "50000"}), directory.path()).exit_code, 0);
  const json summary = json::parse(read_text(directory / "run/summary.json"));
  EXPECT_EQ(summary["environment_steps"], 50000);
  EXPECT_THAT(read_text(directory / "run/config.toml"), HasSubstr("total-steps = 50000 "));
}

TEST(Resume, IsNotOfferedWhereAFinishedTrainingCannotBecomeLonger) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      run_program(small_training({"--learning-rate-decay", "linear"}), directory.path());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("Checkpoint of "));
  EXPECT_THAT(result.output, testing::Not(HasSubstr("to go on from it")));
}

TEST(Resume, RefusesInOneLineAndChangesNothing) {
  const TemporaryDirectory directory;
  const std::string run = (directory / "run").string();
  ASSERT_EQ(run_program(small_training({"--output", "run"}), directory.path()).exit_code, 0);
  const auto files = files_in(run);
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--tau", "0.5"}, "--tau: cannot change in a training that goes on; so far it was 0.02"},
      {{"--seed", "7"}, "--seed: cannot change"},
      {{"--preset", "paper"}, "--preset: cannot change"},
      {{"--preset", "fast"}, "--preset: has no effect in a training that goes on"},
      {{"--algorithm", "ddpg"}, "--algorithm: has no effect in a training that goes on"},
      {{"--environment", "MountainCarContinuous-v0"}, "--environment: cannot change"},
      {{"--total-steps", "500"},
       "--total-steps 500: a training that goes on cannot become shorter"},
      {{"--output", "other"}, "--output and --resume exclude each other"},
      {{"--overwrite"}, "--overwrite and --resume exclude each other"},
      {{"--config", "run/config.toml"}, "--config and --resume exclude each other"},
      {{"--checkpoint-interval", "5", "--checkpoint-every", "5"}, "exclude each other"},
      {{"--checkpoint-interval", "0", "--keep-checkpoints", "2"}, "--keep-checkpoints: has no"},
      {{"--json=run/checkpoint.3.safetensors"}, "is a name of the training's own"}};
  for (const auto& [options, why] : cases) {
    const ProgramResult result = run_program(resumption(options), directory.path());
    EXPECT_EQ(result.exit_code, 2) << why;
    EXPECT_THAT(result.errors, HasSubstr(why));
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    EXPECT_TRUE(files_in(run) == files) << why;
  }
  for (const char* const absent : {"missing", "run/config.toml", ".", ""}) {
    const ProgramResult result = run_program({"train", "--resume", absent}, directory.path());
    EXPECT_EQ(result.exit_code, 2) << absent;
    EXPECT_THAT(result.errors, testing::StartsWith("polyak: --resume"));
  }
  EXPECT_EQ(directory.listing().size(), 1 + files.size());
  std::filesystem::resize_file(directory / "run/metrics.csv", 200);
  const ProgramResult shorter = run_program(resumption({"--total-steps", "700"}), directory.path());
  EXPECT_EQ(shorter.exit_code, 2);
  EXPECT_THAT(shorter.errors, HasSubstr("run/metrics.csv: has only 200 bytes of the "));
}

TEST(Resume, KeepsAsManyCheckpointsAsThereAreUnlessToldOtherwise) {
  const TemporaryDirectory directory;
  const auto has = [&](const char* name) {
    return std::filesystem::exists(directory / "run" / name);
  };
  ASSERT_EQ(run_program(small_training({"--output", "run", "--checkpoint-every", "100",
                                        "--keep-checkpoints", "3", "--total-steps", "400"}),
                        directory.path())
                .exit_code,
            0);
  ASSERT_TRUE(has("checkpoint.2.safetensors"));
  run_program(resumption({"--total-steps", "500"}), directory.path());
  EXPECT_TRUE(has("checkpoint.2.safetensors"));
  run_program(resumption({"--total-steps", "600", "--keep-checkpoints", "1"}), directory.path());
  EXPECT_FALSE(has("checkpoint.1.safetensors"));
}

TEST(Resume, TheOneBeforeIsTakenWhereTheNewestIsDamaged) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_program(small_training({"--output", "run", "--checkpoint-every", "200",
                                        "--keep-checkpoints", "2", "--report-steps", "100"}),
                        directory.path())
                .exit_code,
            0);
  EXPECT_FALSE(std::filesystem::exists(directory / "run/checkpoint.2.safetensors"));
  std::filesystem::copy(directory / "run", directory / "whole");
  const auto damage = [&](const std::string& name) {
    std::string content = read_text(directory / "run" / name);
    content[content.size() / 2] ^= 1;
    test::write_text(directory / "run" / name, content);
  };
  damage("checkpoint.safetensors");
  const ProgramResult result = run_program(resumption({"--quiet"}), directory.path());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.errors, HasSubstr("polyak: warning: run/checkpoint.safetensors: damaged: its "
                                       "checksum is not that of what is in it; going on from "
                                       "checkpoint.1.safetensors, the one before\n"));
  expect_same_training(directory / "run", directory / "whole");
  damage("checkpoint.safetensors");
  const ProgramResult neither = run_program(resumption(), directory.path());
  EXPECT_EQ(neither.exit_code, 2);
  EXPECT_THAT(neither.errors, testing::StartsWith("polyak: run/checkpoint.safetensors: damaged"));
}

TEST(Resume, WithoutCheckpointsThereIsNothingToGoOnFrom) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_program(small_training({"--output", "run", "--checkpoint-interval", "0"}),
                        directory.path())
                .exit_code,
            0);
  EXPECT_FALSE(has_checkpoint(directory));
  const ProgramResult result = run_program(resumption(), directory.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("--resume run: there is no checkpoint in it"));
}

// It takes an older training's place with its first checkpoint behind an update, and not before.
TEST(Resume, AnOlderTrainingStaysUntilThereIsSomethingToGoOnFrom) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_program(small_training({"--output", "run"}), directory.path()).exit_code, 0);
  const std::string older = read_text(directory / "run/checkpoint.safetensors");
  const std::vector<std::string> newer = {"--output",    "run",
                                          "--overwrite", "--seed",
                                          "5",           "--total-steps",
                                          "1e9",         "--report-steps",
                                          "1000",        "--checkpoint-every",
                                          "5000",        "--replay-capacity",
                                          "1000"};
  std::vector<std::string> idle = newer;
  idle.insert(idle.end(), {"--warmup-steps", "1e8", "--learning-starts", "1e8"});
  {
    Program program(small_training(idle), directory.path());
    test::wait_for_text(directory / "run/.polyak-staging/metrics.csv", "\n0,20000,");
    program.send(SIGKILL);
    program.wait();
  }
  EXPECT_TRUE(read_text(directory / "run/checkpoint.safetensors") == older);
  Program program(small_training(newer), directory.path());
  test::wait_for_text(directory / "run/metrics.csv", "\n0,7000,");
  const ProgramResult meanwhile = run_program(resumption(), directory.path());
  EXPECT_EQ(meanwhile.exit_code, 2);
  EXPECT_THAT(meanwhile.errors, HasSubstr("--resume run: is in use by another training or search"));
  program.send(SIGKILL);
  program.wait();
  EXPECT_THAT(read_text(directory / "run/config.toml"), HasSubstr("seed = 5 "));
  EXPECT_GE(Checkpoint(directory / "run/checkpoint.safetensors").environment_steps(), 5000);
  EXPECT_EQ(Policy::load(directory / "run/policy.safetensors").training.at("seed"), "5");
}

}  // namespace
}  // namespace polyak
