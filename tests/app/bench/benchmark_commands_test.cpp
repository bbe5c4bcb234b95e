// bench and compare from the command line: what they report, and what they refuse. No test here
// looks at a speed; that the reports fit together is what counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"

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

const std::vector<std::string> small = {"--actor-hidden",    "8",  "--critic-hidden", "8",
                                        "--batch-size",      "32", "--environments",  "4",
                                        "--update-to-data",  "1",  "--warmup-steps",  "100",
                                        "--learning-starts", "100"};

class BenchmarkCommands : public testing::Test {
 protected:
  ProgramResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), small.begin(), small.end());
    return run_program(arguments, directory_.path());
  }
  json report() const { return json::parse(test::read_text(directory_ / "report.json")); }

  TemporaryDirectory directory_;
};

TEST_F(BenchmarkCommands, BenchMeasuresEveryPhaseOnEveryDevice) {
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

TEST_F(BenchmarkCommands, BenchTakesTheDeviceFromTheConfiguration) {
  const ProgramResult result =
      run({"bench", "--device", "cpu", "--seconds", "0.001", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const json bench = report();
  ASSERT_EQ(bench["devices"].size(), 1u);
  EXPECT_EQ(bench["devices"][0]["device"], "cpu");
  EXPECT_EQ(bench["devices"][0]["rates"][0]["per_second"].size(), 7u);
}

TEST_F(BenchmarkCommands, BenchMeasuresOnlyThePhasesAskedFor) {
  const ProgramResult result = run({"bench", "--device", "cpu", "--phases", "iteration,sample",
                                    "--seconds", "0.001", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, Not(HasSubstr("act, step, store")));
  const json bench = report();
  std::vector<std::string> phases;
  for (const json& rate : bench["devices"][0]["rates"]) phases.push_back(rate["phase"]);
  EXPECT_THAT(phases, ElementsAre("sample", "whole training", "whole training"));
}

TEST_F(BenchmarkCommands, CompareGivesEveryNumberOfThreadsTheSameAgents) {
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

TEST_F(BenchmarkCommands, CompareStopsMeasuringOnceTheGoalIsReached) {
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

TEST_F(BenchmarkCommands, CompareRunsEverySeedByItself) {
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

TEST_F(BenchmarkCommands, AgentsSolvedPerSecondIsThatOfTheBestMomentToStop) {
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
    const auto count = static_cast<double>(std::count(solved.begin(), solved.end(), true));
    best = std::max(best, count / measurement["training_seconds"].get<double>());
  }
  EXPECT_GT(best, 0.0);
  EXPECT_DOUBLE_EQ(device["to_goal"]["agents_solved_per_second"], best);
}

TEST_F(BenchmarkCommands, CompareWithoutBestReturnsNeedsNoGoal) {
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
TEST_F(BenchmarkCommands, CompareComparesWhatThereIs) {
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

// The configuration of a run says where it was trained, which is no reason not to measure
// elsewhere.
TEST_F(BenchmarkCommands, DevicesWinOverTheDeviceOfAFile) {
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

TEST_F(BenchmarkCommands, CompareShowsWhichAgentHadWhat) {
  const ProgramResult result = run({"compare", "--devices", "cpu:1", "--agents", "3", "--tau",
                                    "0.5,0.25", "--total-steps", "200", "--json", "report.json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, testing::ContainsRegex("agent +tau +regret, cpu:1\n0 +0.5 "));
  EXPECT_THAT(result.output, testing::ContainsRegex("\n1 +0.25 .*\n2 +0.5 "));
  EXPECT_EQ(report()["agents"][1]["settings"], json({{"tau", 0.25}}));
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
