// Evaluations on the way of a training: their table, the best policy, and the rules that end it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/bad_input.hpp"
#include "app/program.hpp"
#include "io/temporary_directory.hpp"
#include "io/text_value.hpp"
#include "polyak/policy.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using test::read_text;
using test::run_program;
using test::small_training;
using test::TemporaryDirectory;
using testing::ElementsAre;
using testing::HasSubstr;

class TrainEvaluation : public testing::Test {
 protected:
  /// A training in `run` that must succeed.
  ProgramResult train(std::vector<std::string> options, const std::string& run = "run") {
    options.insert(options.end(), {"--output", run});
    ProgramResult result = run_program(small_training(options), directory_.path());
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result;
  }
  json summary(const std::string& run = "run") const {
    return json::parse(read_text(directory_ / run / "summary.json"));
  }
  /// A column of evaluations.csv, without the header.
  std::vector<std::string> column(std::size_t number) const {
    std::istringstream lines(read_text(directory_ / "run/evaluations.csv"));
    std::string line;
    std::getline(lines, line);
    std::vector<std::string> values;
    while (std::getline(lines, line)) values.push_back(split_text(line, ',').at(number));
    return values;
  }

  TemporaryDirectory directory_;
};

TEST_F(TrainEvaluation, KeepsTheBestPolicyOfEveryAgent) {
  const ProgramResult result = train({"--evaluate-every", "150", "--agents", "2"});
  EXPECT_THAT(column(0), ElementsAre("0", "1", "0", "1", "0", "1", "0", "1"));
  EXPECT_THAT(column(1), ElementsAre("150", "150", "300", "300", "450", "450", "600", "600"));
  EXPECT_THAT(result.output, HasSubstr("4 evaluations took"));
  EXPECT_EQ(summary()["evaluations"], 4);
  EXPECT_GT(summary()["evaluation_seconds"], 0.0);
  const std::vector<std::string> means = column(5), steps = column(1);
  for (std::size_t agent = 0; agent < 2; ++agent) {
    std::size_t best = agent;
    for (std::size_t row = agent; row < means.size(); row += 2) {
      if (std::stof(means[row]) > std::stof(means[best])) best = row;
    }
    const std::string file = "run/policy_best_" + std::to_string(agent) + ".safetensors";
    EXPECT_EQ(Policy::load(directory_ / file).training.at("environment_steps"), steps[best]);
    EXPECT_EQ(summary()["agents"][agent]["best"]["mean_return"].dump(), means[best]);
    // From the start states that `evaluate` has by default.
    const ProgramResult again = run_program(
        {"evaluate", file, "--episodes", "5", "--device", "cpu", "--json"}, directory_.path());
    EXPECT_FLOAT_EQ(json::parse(again.output)["mean_return"].get<float>(), std::stof(means[best]));
  }
}

TEST_F(TrainEvaluation, LeavesTheTrainingAsItIs) {
  train({"--evaluate-every", "7", "--report-steps", "100"});
  train({"--evaluation-episodes", "0", "--report-steps", "100"}, "without");
  EXPECT_EQ(read_text(directory_ / "run/policy.safetensors"),
            read_text(directory_ / "without/policy.safetensors"));
  EXPECT_EQ(column(1).size(), 86u);  // 85 multiples of 7 below 600, and the end
  EXPECT_EQ(summary("without")["evaluations"], 0);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "without/policy_best.safetensors"));
  const auto without_seconds = [&](const std::string& run) {
    std::istringstream lines(read_text(directory_ / run / "metrics.csv"));
    std::string text;
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> fields = split_text(line, ',');
      fields.erase(fields.begin() + 3);
      text += join_text(fields, ",") + "\n";
    }
    return text;
  };
  EXPECT_EQ(without_seconds("run"), without_seconds("without"));
}

TEST_F(TrainEvaluation, HappensTwentyTimesWithFewEpisodesUnlessToldOtherwise) {
  std::vector<std::string> options = small_training({"--output", "run"});
  const auto episodes = std::find(options.begin(), options.end(), "--evaluation-episodes");
  options.erase(episodes, episodes + 2);
  ASSERT_EQ(run_program(options, directory_.path()).exit_code, 0);
  EXPECT_EQ(column(4), std::vector<std::string>(20, "16"));
  EXPECT_EQ(summary()["agents"][0]["evaluation"]["episodes"], 100);
  EXPECT_EQ(column(1).front(), "30");

  options.insert(options.end(), {"--evaluate-every", "0", "--overwrite"});
  ASSERT_EQ(run_program(options, directory_.path()).exit_code, 0);
  EXPECT_THAT(column(4), ElementsAre("100"));
  EXPECT_THAT(column(1), ElementsAre("600"));
}

TEST_F(TrainEvaluation, TakesMoreEpisodesAtTheEndToTellAFewAgentsApart) {
  for (const auto& [agents, episodes] : {std::pair("2", 1000), {"8", 625}, {"60", 100}}) {
    std::vector<std::string> options =
        small_training({"--output", "run", "--agents", agents, "--evaluate-every", "0",
                        "--overwrite", "--evaluation-time-limit", "5"});
    const auto given = std::find(options.begin(), options.end(), "--evaluation-episodes");
    options.erase(given, given + 2);
    ASSERT_EQ(run_program(options, directory_.path()).exit_code, 0);
    EXPECT_EQ(summary()["agents"][0]["evaluation"]["episodes"], episodes) << agents << " agents";
  }
}

TEST_F(TrainEvaluation, EndsATrainingThatIsGoodEnough) {
  const ProgramResult result =
      train({"--evaluate-every", "200", "--stop-at-return", "-5000", "--patience", "9"});
  EXPECT_THAT(result.output, HasSubstr("Stopped after 200 environment steps"));
  EXPECT_THAT(result.output, HasSubstr("\nStopped early: reached --stop-at-return -5000\n"));
  EXPECT_EQ(summary()["stop_reason"], "goal_reached");
  EXPECT_EQ(summary()["environment_steps"], 200);
  EXPECT_TRUE(summary()["evaluation"].is_object());
  EXPECT_THAT(column(1), ElementsAre("200")) << "the evaluation that ended it is the last";
}

TEST_F(TrainEvaluation, EndsATrainingWhoseRegretIsSmallEnough) {
  test::write_text(directory_ / "best.json",
                   R"({"theta": [0, 3], "theta_dot": [0, 1], "best_return": [0, -9]})");
  train({"--evaluate-every", "200", "--stop-at-regret", "5000", "--starts", "best.json"});
  EXPECT_EQ(summary()["stop_reason"], "goal_reached");
  EXPECT_NEAR(std::stod(column(9).at(0)), -4.5 - std::stod(column(5).at(0)), 1e-3);
  EXPECT_EQ(summary()["agents"][0]["best"]["regret"].dump(), column(9).at(0));
}

// Before the first update every evaluation is the same.
TEST_F(TrainEvaluation, EndsATrainingThatGetsNoBetter) {
  const ProgramResult result =
      train({"--evaluate-every", "100", "--learning-starts", "500", "--patience", "2"});
  EXPECT_THAT(result.output, HasSubstr("\nStopped early: no better mean return in 2 evaluations "
                                       "(--patience)\n"));
  EXPECT_EQ(summary()["stop_reason"], "no_improvement");
  EXPECT_EQ(summary()["environment_steps"], 300);
  EXPECT_EQ(summary()["agents"][0]["best"]["environment_steps"], 100);
  EXPECT_EQ(
      Policy::load(directory_ / "run/policy_best.safetensors").training.at("environment_steps"),
      "100");
}

// The agent that would have ended at once trains on, so that the other has its own bits.
TEST_F(TrainEvaluation, EndsAPopulationTogether) {
  const std::vector<std::string> population = {"--agents", "2",     "--evaluate-every",
                                               "150",      "--tau", "0.005,0.01"};
  train(population);
  std::vector<double> first = {std::stod(column(5).at(0)), std::stod(column(5).at(1))};
  std::vector<std::string> with_rule = population;
  with_rule.insert(with_rule.end(), {"--overwrite", "--stop-at-return",
                                     std::to_string(std::max(first[0], first[1]) + 1e6)});
  train(with_rule);
  EXPECT_EQ(summary()["stop_reason"], "finished");
  with_rule.back() = std::to_string(std::min(first[0], first[1]) - 1.0);
  const ProgramResult result = train(with_rule);
  EXPECT_EQ(summary()["environment_steps"], 150);
  EXPECT_THAT(result.output, HasSubstr("Stopped early: every agent has reached --stop-at-return"));
}

TEST_F(TrainEvaluation, OverwritingTakesTheOlderBestPolicyAway) {
  train({});
  train({"--agents", "2", "--overwrite"});
  EXPECT_FALSE(std::filesystem::exists(directory_ / "run/policy_best.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(directory_ / "run/policy_best_1.safetensors"));
  train({"--evaluation-episodes", "0", "--overwrite"});
  EXPECT_FALSE(std::filesystem::exists(directory_ / "run/policy_best_1.safetensors"));
}

// Stopped by a rule at its first evaluation and resumed without it.
TEST_F(TrainEvaluation, GoesOnWithAResumedTraining) {
  const std::vector<std::string> options = {"--agents", "2", "--evaluate-every", "100"};
  train(options);
  const std::vector<std::vector<std::string>> expected = {column(1), column(5), column(8)};
  std::map<std::string, std::string> policies;
  for (const char* const name : {"policy_0", "policy_1", "policy_best_0", "policy_best_1"}) {
    policies[name] = read_text(directory_ / "run" / (std::string(name) + ".safetensors"));
  }
  std::vector<std::string> stopped = options;
  stopped.insert(stopped.end(), {"--overwrite", "--stop-at-return", "-5000"});
  train(stopped);
  EXPECT_EQ(column(1).size(), 2u);
  const ProgramResult resumed =
      run_program({"train", "--resume", "run", "--stop-at-return", "5000"}, directory_.path());
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  EXPECT_THAT((std::vector{column(1), column(5), column(8)}), expected);
  for (const auto& [name, bytes] : policies) {
    EXPECT_EQ(read_text(directory_ / "run" / (name + ".safetensors")), bytes) << name;
  }
  EXPECT_EQ(summary()["evaluations"], 6);
}

TEST_F(TrainEvaluation, PatienceCountsOnInAResumedTraining) {
  train({"--evaluate-every", "100", "--learning-starts", "590", "--patience", "2", "--report-steps",
         "70"});
  const auto resume = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"train", "--resume", "run"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = run_program(arguments, directory_.path());
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_EQ(summary()["stop_reason"], "no_improvement");
    return summary()["environment_steps"].get<int>();
  };
  const std::string metrics = read_text(directory_ / "run/metrics.csv");
  EXPECT_EQ(resume({}), 300) << "it had ended already";
  EXPECT_EQ(read_text(directory_ / "run/metrics.csv"), metrics) << "the report at its end, too";
  EXPECT_EQ(resume({"--patience", "4"}), 500);
  EXPECT_THAT(column(1), ElementsAre("100", "200", "300", "400", "500"));
}

using test::BadInput;
class EvaluationInput : public testing::TestWithParam<BadInput> {};
TEST_P(EvaluationInput, IsRefused) { test::expect_refusal(GetParam()); }
INSTANTIATE_TEST_SUITE_P(
    Options, EvaluationInput,
    testing::Values(
        BadInput{"Negative", {"train", "--evaluate-every", "-1"}, "--evaluate-every: -1 is out"},
        BadInput{"Fraction", {"train", "--evaluate-every", "0.5"}, "--evaluate-every: '0.5'"},
        BadInput{"NoPatience", {"train", "--patience", "-1"}, "--patience: -1 is out of range"},
        BadInput{"NaN", {"train", "--stop-at-return", "nan"}, "--stop-at-return: nan is out"},
        BadInput{"NoEpisodes",
                 {"train", "--evaluation-episodes", "0", "--evaluate-every", "100"},
                 "--evaluate-every: has no effect with --evaluation-episodes 0"},
        BadInput{"RuleWithoutEvaluations",
                 {"train", "--evaluate-every", "0", "--patience", "3"},
                 "--patience: has no effect without evaluations on the way; --evaluate-every is 0"},
        BadInput{"RuleWithoutEpisodes",
                 {"train", "--evaluation-episodes", "0", "--stop-at-return", "-150"},
                 "--stop-at-return: has no effect without evaluations on the way; "
                 "--evaluation-episodes is 0"},
        BadInput{"RegretOfRandomStarts",
                 {"train", "--stop-at-regret", "20"},
                 "--stop-at-regret: needs best returns, which only a file of --starts has"},
        BadInput{"RegretWithoutBestReturns",
                 {"train", "--stop-at-regret", "20", "--starts", "starts.json"},
                 "starts.json has none"}),
    test::bad_input_name);

}  // namespace
}  // namespace polyak
