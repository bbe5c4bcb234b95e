// bench from the command line, and what it and compare refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/benchmark_commands.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using test::run_program;
using test::TemporaryDirectory;
using test::write_text;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class BenchCommand : public test::BenchmarkCommands {};

TEST_F(BenchCommand, BenchMeasuresEveryPhaseOnEveryDevice) {
  const ProgramResult result = run({"bench", "--devices", "cpu,cpu:1", "--agents", "3", "--seconds",
                                    "0.001", "--repetitions", "5", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("whole training"));
  const json bench = report();
  EXPECT_EQ(bench["kind"], "bench");
  EXPECT_EQ(bench["configuration"]["agents"], 3);
  ASSERT_EQ(bench["devices"].size(), 2u);
  EXPECT_EQ(bench["devices"][0]["device"], "cpu");
  EXPECT_EQ(bench["devices"][1]["device"], "cpu:1");
  for (const json& device : bench["devices"]) {
    std::vector<std::string> quantities;
    std::vector<int> per_call;
    for (const json& rate : device["rates"]) {
      quantities.push_back(rate["quantity"]);
      per_call.push_back(rate["per_call"]);
      std::vector<double> sorted = rate["per_second"];
      ASSERT_EQ(sorted.size(), 5u);
      std::sort(sorted.begin(), sorted.end());
      EXPECT_GT(sorted.front(), 0.0);
      EXPECT_EQ(rate["lowest"], sorted.front());
      EXPECT_EQ(rate["median"], sorted[2]);
      EXPECT_EQ(rate["highest"], sorted.back());
    }
    EXPECT_THAT(quantities,
                ElementsAre("environment steps", "actions", "stored transitions",
                            "sampled transitions", "updates", "environment steps", "updates"));
    // 3 agents with 4 environments, batches of 32 and one update for each environment step.
    EXPECT_THAT(per_call, ElementsAre(12, 12, 12, 96, 3, 12, 12));
    // At least the replays: 10,000 transitions of 6 floats for each agent.
    EXPECT_GT(device["memory_bytes"], 3 * 10000 * 6 * 4);
  }
}

TEST_F(BenchCommand, BenchTakesTheDeviceFromTheConfiguration) {
  const ProgramResult result =
      run({"bench", "--device", "cpu", "--seconds", "0.001", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const json bench = report();
  ASSERT_EQ(bench["devices"].size(), 1u);
  EXPECT_EQ(bench["devices"][0]["device"], "cpu");
  EXPECT_EQ(bench["devices"][0]["rates"][0]["per_second"].size(), 7u);
}

TEST_F(BenchCommand, BenchMeasuresOnlyThePhasesAskedFor) {
  const ProgramResult result = run({"bench", "--device", "cpu", "--phases", "iteration,sample",
                                    "--seconds", "0.001", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, Not(HasSubstr("act, step, store")));
  const json bench = report();
  std::vector<std::string> phases;
  for (const json& rate : bench["devices"][0]["rates"]) phases.push_back(rate["phase"]);
  EXPECT_THAT(phases, ElementsAre("sample", "whole training", "whole training"));
}

TEST_F(BenchCommand, BenchAndCompareBeginWithWhatTheEnvironmentRecommends) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"bench", "--devices", "cpu:1", "--phases", "act", "--seconds",
                                 "0.001", "--repetitions", "5"},
        {"compare", "--devices", "cpu:1", "--agents", "1", "--total-steps", "400",
         "--measure-every", "400"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--environment", "MountainCarContinuous-v0", "--discount",
                                       "0.98", "--json", "report.json"});
    const ProgramResult result = run(arguments);
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_THAT(result.output, HasSubstr("MountainCarContinuous-v0 gets what it recommends: "));
    const json used = report()["configuration"];
    EXPECT_EQ(used["exploration"], "ornstein-uhlenbeck");
    EXPECT_FLOAT_EQ(used["discount"], 0.98f);
  }
}

// The configuration of a run says where it was trained, which is no reason not to measure
// elsewhere.
TEST_F(BenchCommand, DevicesWinOverTheDeviceOfAFile) {
  write_text(directory_ / "run.toml", "device = \"cuda\"\nagents = 1\ntotal-steps = 200\n");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"compare", "--devices", "cpu:1"},
        {"bench", "--devices", "cpu:1", "--phases", "act", "--seconds", "0.001"}}) {
    std::vector<std::string> whole = arguments;
    whole.insert(whole.end(), {"--config", "run.toml", "--json", "report.json"});
    const ProgramResult result = run(whole);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_EQ(report()["devices"].size(), 1u);
    EXPECT_EQ(report()["devices"][0]["device"], "cpu:1");
  }
}

struct Refusal {
  std::string name;
  std::vector<std::string> arguments;
  std::string expected;
};
std::ostream& operator<<(std::ostream& out, const Refusal& refusal) { return out << refusal.name; }

class BenchmarkRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(BenchmarkRefusal, SaysWhyInOneLineAndWritesNothing) {
  const TemporaryDirectory directory;
  const ProgramResult result = run_program(GetParam().arguments, directory.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors, HasSubstr(GetParam().expected));
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1);
  EXPECT_TRUE(directory.listing().empty());
}

INSTANTIATE_TEST_SUITE_P(
    , BenchmarkRefusal,
    testing::Values(
        Refusal{"UnknownDevice", {"bench", "--devices", "tpu"}, "'tpu' is no device"},
        Refusal{"NoThreads", {"bench", "--devices", "cpu:0"}, "'cpu:0' is no device"},
        Refusal{"DeviceTwice", {"compare", "--devices", "cpu,cpu"}, "'cpu' is there twice"},
        Refusal{"FewRepetitions", {"bench", "--repetitions", "4"}, "--repetitions: 4 is out of"},
        Refusal{"SecondsNotANumber", {"bench", "--seconds", "nan"}, "--seconds: nan is out of"},
        Refusal{
            "UnknownPhase", {"bench", "--phases", "act,learn"}, "'learn' is no phase; the phases"},
        Refusal{"PhaseTwice", {"bench", "--phases", "act,sample,act"}, "'act' is there twice"},
        Refusal{"NoRuns", {"compare", "--devices", "cpu", "--runs", "0"}, "--runs: 0 is out of"},
        Refusal{"RunsOfSeveralSeeds",
                {"compare", "--devices", "cpu", "--agents", "2", "--runs", "2", "--seed", "1,2"},
                "count their seeds up from one --seed"},
        Refusal{"NoDirectoryForJson", {"bench", "--json", "no/where.json"}, "no directory no"},
        Refusal{"ConfigurationOutOfRange", {"bench", "--agents", "0"}, "--agents: 0 is out of"},
        Refusal{"OneDeviceToCompare", {"compare", "--device", "cpu"}, "use --devices cuda,cpu"},
        Refusal{"NoStarts", {"compare", "--devices", "cpu", "--starts", "gone"}, "gone"},
        Refusal{"ThresholdNotFinite",
                {"compare", "--devices", "cpu", "--threshold", "inf"},
                "--threshold: inf is out of range"},
        Refusal{"NeverMeasured",
                {"compare", "--devices", "cpu", "--measure-every", "0"},
                "--measure-every: 0 is out of range"}),
    [](const testing::TestParamInfo<Refusal>& test_info) { return test_info.param.name; });

}  // namespace
}  // namespace polyak
