// Trainings of several processes, as mpirun starts them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "app/program.hpp"
#include "app/ranks/launched.hpp"
#include "app/same_training.hpp"
#include "io/temporary_directory.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

using test::expect_same_training;
using test::Launched;
using test::ProgramResult;
using test::read_text;
using test::run_program;
using test::small_training;
using test::TemporaryDirectory;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// Five agents that differ.
std::vector<std::string> rank_population(const std::string& output,
                                         const std::vector<std::string>& more = {}) {
  std::vector<std::string> options = {
      "--output",       output, "--agents",         "5",  "--tau", "0.01,0.02",
      "--report-steps", "100",  "--evaluate-every", "200"};
  options.insert(options.end(), more.begin(), more.end());
  return small_training(options);
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Ranks, TrainWithTheBitsOfOneProcess) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_program(rank_population("whole"), directory.path()).exit_code, 0);
  for (const int ranks : {2, 3, 5}) {
    SCOPED_TRACE(ranks);
    const std::string run = "run" + std::to_string(ranks);
    const ProgramResult result = Launched(ranks, rank_population(run), directory.path()).wait();
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_EQ(count_of(result.output, "Training 5 agents on"), 1);
    EXPECT_THAT(result.output, HasSubstr("on " + std::to_string(ranks) + " x cpu, 1 thread"));
    expect_same_training(directory / run, directory / "whole");
  }
}

// Populations that shrink, and one whose members copy each other from rank to rank.
TEST(Ranks, SearchWithTheBitsOfOneProcess) {
  const TemporaryDirectory directory;
  test::write_text(directory / "space.toml",
                   "tau = { log = [0.005, 0.5] }\n"
                   "learning-rate-critic = { log = [1e-4, 1e-2] }\n");
  const auto search = [](const std::string& scheduler, const std::string& output) {
    std::vector<std::string> words = small_training(
        {"space.toml", "--trials", "7", "--confirm-seeds", "2", "--output", output, "--scheduler"});
    words.front() = "tune";
    words.push_back(scheduler);
    if (scheduler == "pbt") {
      words.insert(words.end(), {"--pbt-intervals", "100"});
    } else {
      words.insert(words.end(), {"--seeds", "2", "--first-rung", "200", "--confirm", "2"});
    }
    return words;
  };
  for (const std::string scheduler : {"halving", "pbt"}) {
    SCOPED_TRACE(scheduler);
    const auto whole = directory / (scheduler + "_whole"), run = directory / (scheduler + "_run");
    ASSERT_EQ(run_program(search(scheduler, whole.filename()), directory.path()).exit_code, 0);
    const ProgramResult result =
        Launched(3, search(scheduler, run.filename()), directory.path()).wait();
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    std::vector<std::string> files = {"trials.csv", "confirmations.csv", "best.toml",
                                      "policy_best.safetensors"};
    files.emplace_back(scheduler == "pbt" ? "generations.csv" : "rungs.csv");
    for (const std::string& file : files) {
      EXPECT_EQ(read_text(run / file), read_text(whole / file)) << file;
    }
  }
}

TEST(Ranks, AreMoreThanAgents) {
  const TemporaryDirectory directory;
  const std::vector<std::string> single = small_training({"--output", "run"});
  const ProgramResult result = Launched(3, single, directory.path()).wait();
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("on cpu, 1 thread"));
}

TEST(Ranks, OneThatIsKilledEndsTheTrainingWhichGoesOnWithOthers) {
  const TemporaryDirectory directory;
  const std::vector<std::string> options = {
      "--total-steps", "60000", "--checkpoint-every", "500", "--replay-capacity", "1000"};
  const auto training = [&](const std::string& output) { return rank_population(output, options); };
  Launched launched(3, training("run"), directory.path());
  test::wait_for_text(directory / "run/metrics.csv", "\n0,2000");
  ASSERT_EQ(launched.send(SIGKILL, 1), 1);
  EXPECT_NE(launched.wait().exit_code, 0);
  const std::vector<std::string> resumption = {"train", "--resume", "run", "--evaluation-episodes",
                                               "5"};
  const ProgramResult second = Launched(2, resumption, directory.path()).wait();
  ASSERT_EQ(second.exit_code, 0) << second.errors;
  EXPECT_THAT(second.output, HasSubstr("Going on from run/checkpoint.safetensors ("));
  ASSERT_EQ(run_program(training("whole"), directory.path()).exit_code, 0);
  expect_same_training(directory / "run", directory / "whole");
}

TEST(Ranks, EndOnASignalWithEverythingWritten) {
  const TemporaryDirectory directory;
  const auto training = [](const std::string& output) {
    return rank_population(output, {"--total-steps", "1000000", "--replay-capacity", "1000"});
  };
  Launched launched(2, training("run"), directory.path());
  test::wait_for_text(directory / "run/metrics.csv", "\n0,1000");
  // As `scancel` and a job's time limit do: a signal to every process of the job.
  ASSERT_EQ(launched.send(SIGTERM), 2);
  const ProgramResult result = launched.wait();
  EXPECT_EQ(result.exit_code, 128 + SIGTERM) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("to go on from it: polyak train --resume run\n"));
  EXPECT_TRUE(std::filesystem::exists(directory / "run/checkpoint.safetensors"));
}

TEST(Ranks, SayOnceWhatIsWrongAndWhere) {
  const TemporaryDirectory directory;
  const ProgramResult wrong =
      Launched(3, small_training({"--agents", "0"}), directory.path()).wait();
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_EQ(count_of(wrong.errors, "polyak: --agents"), 1) << wrong.errors;
  // The second process alone may have hardly any memory.
  const ProgramResult poor =
      Launched(
          2, rank_population("run", {"--replay-capacity", "10000000", "--total-steps", "10000000"}),
          directory.path(), "test $OMPI_COMM_WORLD_RANK = 0 || ulimit -v 400000; ")
          .wait();
  EXPECT_EQ(poor.exit_code, 1);
  EXPECT_EQ(count_of(poor.errors, "polyak: "), 1) << poor.errors;
  EXPECT_THAT(poor.errors, AllOf(HasSubstr("polyak: rank 1 ("), HasSubstr("not enough memory")));
}

TEST(Ranks, LeaveEverythingElseToTheFirst) {
  const TemporaryDirectory directory;
  const ProgramResult info = Launched(3, {"info"}, directory.path()).wait();
  EXPECT_EQ(info.exit_code, 0);
  EXPECT_EQ(count_of(info.output, "Devices\n"), 1);
  EXPECT_THAT(info.output, HasSubstr("mpirun and srun start trainings of several processes"));
}

TEST(Ranks, AreSeparateTrainingsIfToldSo) {
  const TemporaryDirectory directory;
  const std::vector<std::string> training = small_training({"--output", "$OMPI_COMM_WORLD_RANK"});
  const ProgramResult result =
      Launched(2, training, directory.path(), "export POLYAK_RANKS=off; ").wait();
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_TRUE(read_text(directory / "0/policy.safetensors") ==
              read_text(directory / "1/policy.safetensors"));
}

TEST(Ranks, ThatMpiDoesNotFindAreRefused) {
  const TemporaryDirectory directory;
  for (const char* const rank : {"0", "1"}) {
    const ProgramResult result =
        run_program(small_training({"--output", "run"}), directory.path(), [rank] {
          ::setenv("SLURM_STEP_NUM_TASKS", "2", 1);
          ::setenv("SLURM_PROCID", rank, 1);
        });
    EXPECT_EQ(result.exit_code, 2);
    if (rank[0] == '0') {
      EXPECT_THAT(result.errors, AllOf(HasSubstr("polyak: srun started 2 processes, of which "),
                                       HasSubstr(" finds 1: ")));
    } else {
      EXPECT_THAT(result.errors, Not(HasSubstr("polyak")));
    }
  }
  EXPECT_TRUE(directory.listing().empty());
}

}  // namespace
}  // namespace polyak
