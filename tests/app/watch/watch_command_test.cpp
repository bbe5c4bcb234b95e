// watch from the command line, of trainings that run and that have ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "app/program.hpp"
#include "app/pseudo_terminal.hpp"
#include "io/directory_claim.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::write_text;
using testing::HasSubstr;
using testing::Not;

const std::string metrics_beginning =
    "agent,environment_steps,updates,seconds,episodes,mean_return,mean_episode_length,"
    "critic_loss,actor_loss,mean_q,saturated_actions,actor_gradient_norm,critic_gradient_norm";

/// A run directory that the test writes as a training would.
class WatchCommand : public testing::Test {
 protected:
  WatchCommand() {
    std::filesystem::create_directory(directory_ / "run");
    write_text(directory_ / "run/config.toml",
               "# A training of polyak\nenvironment = \"Pendulum-v1\"\nagents = 2\n"
               "total-steps = 1000\n");
    write_metrics(300, "");
  }
  /// Rows at every 100 steps, and behind them what is being written.
  void write_metrics(int steps, const std::string& unfinished) const {
    std::string text = metrics_beginning + ",tau\n";
    for (int step = 100; step <= steps; step += 100) {
      for (int agent = 0; agent < 2; ++agent) {
        text += std::to_string(agent) + "," + std::to_string(step) + ",50,0.5,2," +
                std::to_string(step / 10 - 1000 - 100 * agent) + ",200,1.5,2.5,,0.5,,3.5," +
                (agent == 0 ? "0.01" : "0.02") + "\n";
      }
    }
    write_text(directory_ / "run/metrics.csv", text + unfinished);
  }
  ProgramResult run(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"watch"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run_program(arguments, directory_.path(), [] { ::setenv("LC_ALL", "C", 1); });
  }

  test::TemporaryDirectory directory_;
};

TEST_F(WatchCommand, WhereThereIsNoTerminalItPrintsOnce) {
  const ProgramResult result = run({"run"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, testing::StartsWith("run  Pendulum-v1  ended early\n"
                                                 "300/1,000 steps (30%)  50 updates  0:01"));
  EXPECT_THAT(result.output, HasSubstr("interquartile mean of 2 agents: -1020.0\n"));
  EXPECT_THAT(result.output, HasSubstr("agent  return  episodes  critic loss"));
  EXPECT_THAT(result.output, HasSubstr("\n1      -1,070         2         1.50"));
  EXPECT_THAT(result.output, HasSubstr("tau\n")) << "in what the agents differ";
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) EXPECT_LT(line.size(), 80u) << line;
  EXPECT_TRUE(std::all_of(result.output.begin(), result.output.end(), [](char letter) {
    return letter == '\n' || (letter >= ' ' && letter <= '~');
  })) << "neither colours nor anything but ASCII";
}

TEST_F(WatchCommand, InUtf8CurvesAreDots) {
  const ProgramResult result = test::run_program({"watch", "run"}, directory_.path(),
                                                 [] { ::setenv("LC_ALL", "C.UTF-8", 1); });
  EXPECT_THAT(result.output, HasSubstr("\u2502"));
  EXPECT_THAT(result.output, HasSubstr("\u28c0\u2824\u2824"));
}

TEST_F(WatchCommand, ARowThatIsBeingWrittenIsNoError) {
  write_metrics(300, "0,400,6");
  const ProgramResult result = run({"run"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("300/1,000 steps"));
}

TEST_F(WatchCommand, ATrainingThatHasNotReportedYetIsShown) {
  write_metrics(0, "0,1");
  const ProgramResult result = run({"run"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("no report yet\n"));
}

TEST_F(WatchCommand, AsJsonEveryAgentHasItsNewestValues) {
  write_text(directory_ / "run/summary.json", R"({"stop_reason": "interrupted"})");
  const ProgramResult result = run({"run", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto written = nlohmann::json::parse(result.output);
  EXPECT_EQ(written["state"], "interrupted");
  EXPECT_EQ(written["environment_steps"], 300);
  EXPECT_EQ(written["total_steps"], 1000);
  ASSERT_EQ(written["agents"].size(), 2u);
  EXPECT_EQ(written["agents"][1]["mean_return"], -1070);
  EXPECT_EQ(written["agents"][1]["tau"], 0.02);
  EXPECT_TRUE(written["agents"][1]["mean_q"].is_null());
}

TEST_F(WatchCommand, EvaluationsHaveACurveOfTheirOwn) {
  write_text(directory_ / "run/evaluations.csv",
             "agent,environment_steps,updates,seconds,episodes,mean_return,standard_error,"
             "median_return,worst_return,mean_regret\n0,100,5,0.1,5,-321.5,1,-300,-400,\n");
  EXPECT_THAT(run({"run"}).output, HasSubstr("\nreturn without noise: -321.5\n"));
}

/// Adds what the terminal gets to `shown` until that text is there; a minute at most.
void read_until(const std::string& text, const test::PseudoTerminal& terminal, std::string& shown) {
  for (int i = 0; i < 600 && shown.find(text) == std::string::npos; ++i) {
    shown += terminal.read(100);
  }
  EXPECT_THAT(shown, HasSubstr(text));
}

TEST_F(WatchCommand, ItFollowsATrainingToItsEnd) {
  const test::PseudoTerminal terminal(60, 30);
  auto training = std::make_unique<DirectoryClaim>(DirectoryClaim::named(directory_ / "run"));
  test::Program program({"watch", "run", "--interval", "0.1"}, directory_.path(), 0,
                        terminal.name(), [] { ::setenv("TERM", "xterm", 1); });
  std::string shown;
  const auto wait_for = [&](const std::string& text) { read_until(text, terminal, shown); };
  wait_for("300/1,000 steps (30%)");
  EXPECT_THAT(shown, HasSubstr("running"));
  write_metrics(600, "0,7");
  wait_for("600/1,000 steps (60%)");
  EXPECT_THAT(shown, HasSubstr("A\r\x1b[J")) << "it draws over what was there";
  EXPECT_FALSE(program.has_ended());
  write_text(directory_ / "run/summary.json", R"({"stop_reason": "finished"})");
  training.reset();
  wait_for("finished");
  EXPECT_EQ(program.wait().exit_code, 0);
}

// Between the creation of a file and its first line there is a moment.
TEST_F(WatchCommand, AFileThatIsBeingCreatedIsWaitedFor) {
  const auto training = std::make_unique<DirectoryClaim>(DirectoryClaim::named(directory_ / "run"));
  write_text(directory_ / "run/metrics.csv", "");
  test::Program program({"watch", "run"}, directory_.path());
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  write_metrics(300, "");
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("300/1,000 steps"));
}

// A large training is a while at its memory before it has anything to show.
TEST_F(WatchCommand, ItWaitsForATrainingThatHasNotBegun) {
  const std::filesystem::path empty = directory_ / "new";
  auto training = std::make_unique<DirectoryClaim>(DirectoryClaim::named(empty));
  const ProgramResult once = run({"new"});
  EXPECT_EQ(once.exit_code, 0) << once.errors;
  EXPECT_EQ(once.output, "new  begins\nno report yet\n");
  const auto written = nlohmann::json::parse(run({"new", "--json"}).output);
  EXPECT_EQ(written["state"], "begins");
  EXPECT_TRUE(written["agents"].empty());
  EXPECT_TRUE(written["total_steps"].is_null());

  const test::PseudoTerminal terminal(60, 30);
  test::Program program({"watch", "new", "--interval", "0.1"}, directory_.path(), 0,
                        terminal.name(), [] { ::setenv("TERM", "xterm", 1); });
  std::string shown;
  const auto wait_for = [&](const std::string& text) { read_until(text, terminal, shown); };
  wait_for("begins");
  for (const char* const name : {"config.toml", "metrics.csv"}) {
    std::filesystem::copy(directory_ / "run" / name, empty / name);
  }
  wait_for("300/1,000 steps (30%)");
  training.reset();
  wait_for("ended early");
  EXPECT_EQ(program.wait().exit_code, 0);
}

TEST_F(WatchCommand, CtrlCEndsWatchingAndNotTheTraining) {
  const test::PseudoTerminal terminal(80, 24);
  const DirectoryClaim training = DirectoryClaim::named(directory_ / "run");
  test::Program program({"watch", "run", "--interval", "3600"}, directory_.path(), 0,
                        terminal.name(), [] { ::setenv("TERM", "xterm", 1); });
  std::string shown;
  for (int i = 0; i < 600 && shown.find("tau") == std::string::npos; ++i) {
    shown += terminal.read(100);
  }
  program.interrupt();
  EXPECT_EQ(program.wait().exit_code, 130);
}

TEST_F(WatchCommand, OfATrainingThatReplacesAnotherItsOwnRowsAreShown) {
  std::filesystem::create_directory(directory_ / "run/.polyak-staging");
  for (const char* const name : {"config.toml", "metrics.csv"}) {
    std::filesystem::copy(directory_ / "run" / name, directory_ / "run/.polyak-staging" / name);
  }
  write_metrics(900, "");
  EXPECT_THAT(run({"run"}).output, HasSubstr("900/1,000")) << "the stage of one that was killed";
  const DirectoryClaim training = DirectoryClaim::named(directory_ / "run");
  const ProgramResult result = run({"run"});
  EXPECT_THAT(result.output, testing::StartsWith("run  Pendulum-v1  running\n300/1,000"));
}

TEST_F(WatchCommand, WhatIsNoTrainingIsRefused) {
  std::filesystem::create_directory(directory_ / "other");
  write_text(directory_ / "file", "");
  for (const auto& [arguments, expected] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"none"}, "none: is no directory"},
           {{"file"}, "file: is no directory"},
           {{"other"}, "other: holds no training"},
           {{""}, "RUN: needs the name"},
           {{"run", "--interval", "0"}, "--interval: 0 is out of range"}}) {
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 2) << expected;
    EXPECT_THAT(result.errors, HasSubstr(expected));
    EXPECT_EQ(result.output, "");
  }
  write_text(directory_ / "run/metrics.csv", "");
  EXPECT_EQ(run({"run"}).exit_code, 2);
}

}  // namespace
}  // namespace polyak
