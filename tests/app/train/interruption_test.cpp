// Signals, and consoles that are gone: whatever becomes of the terminal, the training is kept.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"
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

/// A training that does not end by itself.
std::vector<std::string> endless_training(const std::vector<std::string>& more = {}) {
  std::vector<std::string> options = {"--output",          "run",  "--total-steps",  "1e12",
                                      "--replay-capacity", "1000", "--report-steps", "100"};
  options.insert(options.end(), more.begin(), more.end());
  return small_training(options);
}

void wait_until_it_trains(const TemporaryDirectory& directory) {
  test::wait_for_text(directory / "run/metrics.csv", "\n0,");
}

json summary_of(const TemporaryDirectory& directory) {
  return json::parse(read_text(directory / "run/summary.json"));
}

void expect_interrupted_training(const TemporaryDirectory& directory) {
  Policy::load(directory / "run/policy.safetensors");
  EXPECT_EQ(summary_of(directory)["stop_reason"], "interrupted");
  EXPECT_EQ(directory.listing().size(), 7u) << "something else is left";
}

class Signals : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(All, Signals, testing::Values(SIGINT, SIGTERM, SIGHUP, SIGXCPU));

TEST_P(Signals, EndATrainingWithEverythingWritten) {
  const TemporaryDirectory directory;
  Program program(endless_training(), directory.path());
  wait_until_it_trains(directory);
  program.send(GetParam());
  EXPECT_EQ(program.wait().exit_code, 128 + GetParam());
  expect_interrupted_training(directory);
}

// `timeout` signals its child and then the group; nohup and background jobs ignore for good.
TEST(Interruption, RepeatsWithinASecondAreOneAndIgnoredSignalsStayIgnored) {
  const TemporaryDirectory directory;
  Program program(endless_training(), directory.path(), 0, {}, [] {
    std::signal(SIGHUP, SIG_IGN);
    std::signal(SIGINT, SIG_IGN);
  });
  wait_until_it_trains(directory);
  program.send(SIGHUP);
  program.send(SIGINT);
  const std::string before = read_text(directory / "run/metrics.csv");
  while (read_text(directory / "run/metrics.csv").size() < before.size() + 10'000) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // it goes on
  }
  for (int repetition = 0; repetition < 5; ++repetition) program.send(SIGTERM);
  EXPECT_EQ(program.wait().exit_code, 128 + SIGTERM);
  expect_interrupted_training(directory);
}

/// A training that is over and whose evaluation takes a minute or more of one core.
std::vector<std::string> long_evaluation() {
  return small_training(
      {"--output", "run", "--evaluation-episodes", "1000000", "--evaluate-every", "0"});
}

TEST(Interruption, EndsTheFinalEvaluation) {
  const TemporaryDirectory directory;
  Program program(long_evaluation(), directory.path());
  test::wait_for_text(directory / "run/summary.json", "\"finished\"");
  program.interrupt();
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.exit_code, 130) << result.errors;
  expect_interrupted_training(directory);
  EXPECT_TRUE(summary_of(directory)["evaluation"].is_null());
  EXPECT_EQ(summary_of(directory)["environment_steps"], 600);
}

TEST(Interruption, EndsAnEvaluationOnTheWay) {
  const TemporaryDirectory directory;
  Program program(small_training({"--output", "run", "--evaluation-episodes", "1000000",
                                  "--evaluate-every", "300", "--report-steps", "300"}),
                  directory.path());
  test::wait_for_text(directory / "run/metrics.csv", "\n0,300,");  // right before it
  program.interrupt();
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.exit_code, 130) << result.errors;
  expect_interrupted_training(directory);
  EXPECT_EQ(summary_of(directory)["environment_steps"], 300);
  EXPECT_EQ(summary_of(directory)["evaluations"], 0);

  const ProgramResult resumed =
      run_program({"train", "--resume", "run", "--evaluation-episodes", "5"}, directory.path());
  EXPECT_EQ(resumed.exit_code, 0) << resumed.errors;
  EXPECT_THAT(read_text(directory / "run/evaluations.csv"),
              testing::ContainsRegex("\n0,300,.*\n0,600,"))
      << "it was made up for";
}

/// Sends signals to a training in an evaluation of which one step takes longer than anybody would
/// wait. What summary.json says of it in the end.
json stop_reason_after_two_signals() {
  const TemporaryDirectory directory;
  Program program(
      small_training({"--output", "run", "--evaluation-episodes", "1", "--time-limit", "1000000000",
                      "--evaluate-every", "0", "--actor-hidden", "8", "--total-steps", "600"}),
      directory.path());
  test::wait_for_text(directory / "run/summary.json", "\"finished\"");
  while (!program.has_ended()) {
    program.send(SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(program.wait().exit_code, 128 + SIGTERM);
  Policy::load(directory / "run/policy.safetensors");
  return summary_of(directory)["stop_reason"];
}

TEST(Interruption, ASecondSignalLaterEndsTheProcess) {
  // On a busy machine the first signal may come before the evaluation begins, which it then ends.
  json reason;
  for (int attempt = 0; attempt < 20 && reason != "finished"; ++attempt) {
    reason = stop_reason_after_two_signals();
  }
  EXPECT_EQ(reason, "finished");
}

TEST(Interruption, BeforeTheFirstUpdateLeavesTheOlderTraining) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_program(small_training({"--output", "run"}), directory.path()).exit_code, 0);
  const std::string policy = read_text(directory / "run/policy.safetensors");
  const std::string config = read_text(directory / "run/config.toml");
  Program program(
      endless_training({"--overwrite", "--warmup-steps", "1e11", "--learning-starts", "1e11"}),
      directory.path());
  test::wait_for_text(directory / "run/.polyak-staging/metrics.csv", "\n0,");
  EXPECT_EQ(read_text(directory / "run/policy.safetensors"), policy);
  program.interrupt();
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.exit_code, 130) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("the older training in run is as it was"));
  EXPECT_EQ(read_text(directory / "run/policy.safetensors"), policy);
  EXPECT_EQ(read_text(directory / "run/config.toml"), config);
  EXPECT_EQ(directory.listing().size(), 8u);
}

/// A pipe that nobody reads any more, as the program's output and errors.
void write_to_a_dead_reader() {
  int ends[2];
  if (::pipe(ends) != 0) ::_exit(126);
  ::close(ends[0]);
  ::dup2(ends[1], STDOUT_FILENO);
  ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[1]);
}

void close_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(descriptor);
}

void write_to_a_full_disk() {
  const int full = ::open("/dev/full", O_WRONLY);
  ::dup2(full, STDOUT_FILENO);
  ::dup2(full, STDERR_FILENO);
}

struct Console {
  std::string name;
  void (*take_away)();
};
std::ostream& operator<<(std::ostream& out, const Console& console) { return out << console.name; }

class LostConsole : public testing::TestWithParam<Console> {};
INSTANTIATE_TEST_SUITE_P(All, LostConsole,
                         testing::Values(Console{"DeadReader", write_to_a_dead_reader},
                                         Console{"Closed", close_descriptors},
                                         Console{"Full", write_to_a_full_disk}),
                         [](const auto& test) { return test.param.name; });

TEST_P(LostConsole, IsNoFailureOfATraining) {
  const TemporaryDirectory directory;
  const std::vector<std::string> options = {"--total-steps", "6000", "--report-steps", "600"};
  std::vector<std::string> undisturbed = options;
  undisturbed.insert(undisturbed.end(), {"--output", "undisturbed"});
  std::vector<std::string> disturbed = options;
  disturbed.insert(disturbed.end(), {"--output", "run"});
  ASSERT_EQ(run_program(small_training(undisturbed), directory.path()).exit_code, 0);
  EXPECT_EQ(
      run_program(small_training(disturbed), directory.path(), GetParam().take_away).exit_code, 0);
  for (const char* const name : {"policy.safetensors", "config.toml"}) {
    EXPECT_EQ(read_text(directory / "run" / name), read_text(directory / "undisturbed" / name));
  }
  const auto lines = [&](const std::string& file) {
    const std::string text = read_text(directory / file);
    EXPECT_TRUE(text.starts_with("agent,")) << text;
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines("run/metrics.csv"), lines("undisturbed/metrics.csv"));
  EXPECT_EQ(summary_of(directory)["stop_reason"], "finished");
}

TEST_P(LostConsole, AnInterruptedTrainingIsKept) {
  const TemporaryDirectory directory;
  Program program(endless_training(), directory.path(), 0, {}, GetParam().take_away);
  wait_until_it_trains(directory);
  program.interrupt();
  EXPECT_EQ(program.wait().exit_code, 130);
  expect_interrupted_training(directory);
}

TEST_P(LostConsole, IsAFailureWhereTheOutputIsTheResult) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_program(small_training({"--output", "run"}), directory.path()).exit_code, 0);
  const std::vector<std::vector<std::string>> commands = {
      {"evaluate", "run/policy.safetensors", "--episodes", "3"},
      {"rollout", "run/policy.safetensors"},
      {"info"},
      {"--help"}};
  for (const std::vector<std::string>& command : commands) {
    EXPECT_EQ(run_program(command, directory.path(), GetParam().take_away).exit_code, 1)
        << command.front();
  }
}

TEST(LostOutput, IsSaidWhereThereIsSomebodyToHearIt) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      run_program({"info"}, directory.path(), [] { ::close(STDOUT_FILENO); });
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.errors, "polyak: cannot write to the standard output\n");
}

// A limit on the size of files is a full disk, not a signal.
TEST(FileSizeLimit, IsAnErrorOfTheFile) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_program(small_training({"--output", "run"}), directory.path()).exit_code, 0);
  const std::string policy = read_text(directory / "run/policy.safetensors");
  const std::string config = read_text(directory / "run/config.toml");
  const ProgramResult result =
      Program(
          small_training({"--output", "run", "--overwrite", "--quiet", "--actor-hidden", "64,64"}),
          directory.path(), 12000)
          .wait();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("cannot write run/policy.safetensors: "));
  EXPECT_EQ(read_text(directory / "run/policy.safetensors"), policy);
  EXPECT_EQ(read_text(directory / "run/config.toml"), config);
  EXPECT_EQ(directory.listing().size(), 8u);
}

TEST(TrainingsTogether, OneDirectoryIsForOneTraining) {
  const TemporaryDirectory directory;
  Program program(endless_training(), directory.path());
  wait_until_it_trains(directory);
  for (const char* const mode : {"--overwrite", "--quiet"}) {
    const ProgramResult second =
        run_program(small_training({"--output", "run", mode}), directory.path());
    EXPECT_EQ(second.exit_code, 2);
    EXPECT_EQ(second.errors, "polyak: --output run: is in use by another training or search\n");
  }
  program.interrupt();
  EXPECT_EQ(program.wait().exit_code, 130);
  expect_interrupted_training(directory);
}

TEST(TrainingsTogether, HaveDirectoriesOfTheirOwnByDefault) {
  const TemporaryDirectory directory;
  std::vector<std::unique_ptr<Program>> programs;
  for (int number = 0; number < 8; ++number) {
    programs.push_back(std::make_unique<Program>(small_training({}), directory.path()));
  }
  for (const auto& program : programs) EXPECT_EQ(program->wait().exit_code, 0);
  const std::vector<std::string> listing = directory.listing();
  EXPECT_EQ(std::count_if(listing.begin(), listing.end(),
                          [](const std::string& name) { return name.ends_with("/summary.json"); }),
            8);
}

TEST(FailedTraining, LeavesNoEmptyDirectory) {
  const TemporaryDirectory directory;
  const ProgramResult result = run_program(
      small_training({"--total-steps", "1e12", "--replay-capacity", "1e12"}), directory.path());
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("not enough memory"));
  EXPECT_TRUE(directory.listing().empty());
}

}  // namespace
}  // namespace polyak
