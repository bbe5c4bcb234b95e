// evaluate from the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/policy_commands.hpp"
#include "io/csv.hpp"
#include "polyak/environment/pendulum.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using testing::HasSubstr;

class EvaluateCommand : public test::PolicyCommands {};

/// The undiscounted return of the sample policy over 200 steps, by the policy's own inference.
float episode_return(Pendulum::State state) {
  const Policy policy = test::sample_policy();
  float sum = 0.0f;
  for (int step = 0; step < Pendulum::time_limit; ++step) {
    float observation[3];
    Pendulum::observe(state, observation);
    const std::vector<float> action = policy.act(observation);
    const auto result = Pendulum::step({policy.environment_parameters[0]}, state, action.data());
    sum += result.reward;
    state = result.next;
  }
  return sum;
}

TEST_F(EvaluateCommand, EvaluateGivesTheReturnsOfThePolicyAndItsRegret) {
  const ProgramResult result = run({"evaluate", "policy.safetensors", "--starts", "starts.json",
                                    "--per-start", "returns.csv", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const json evaluation = json::parse(result.output);
  const std::vector<std::string> header = {"start", "return"};
  const CsvTable table = read_csv(directory_ / "returns.csv", header);
  ASSERT_EQ(table.rows(), 3u);
  double mean = 0.0;
  const Pendulum::State starts[] = {{0.0f, 0.0f}, {1.0f, 0.5f}, {3.0f, -1.0f}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(table.values[2 * i], static_cast<float>(i));
    // Another order of summation in the network; chaos magnifies it over 200 steps.
    EXPECT_NEAR(table.values[2 * i + 1], episode_return(starts[i]), 1.0f);
    mean += static_cast<double>(table.values[2 * i + 1]) / 3.0;
  }
  EXPECT_EQ(evaluation["episodes"], 3);
  EXPECT_NEAR(evaluation["mean_return"].get<double>(), mean, 1e-3);
  EXPECT_NEAR(evaluation["regret"]["mean"].get<double>(), -350.0 / 3.0 - mean, 1e-3);
}

TEST_F(EvaluateCommand, EvaluatePrintsTheStatistics) {
  const ProgramResult result = run({"evaluate", "policy.safetensors", "--starts", "starts.json"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  for (const char* word : {"mean return", "standard error", "median", "worst", "mean regret"}) {
    EXPECT_THAT(result.output, HasSubstr(word));
  }
  const ProgramResult drawn = run({"evaluate", "policy.safetensors", "--episodes", "7"});
  EXPECT_THAT(drawn.output, HasSubstr("7 episodes"));
  EXPECT_EQ(drawn.output.find("regret"), std::string::npos);
}

TEST_F(EvaluateCommand, SeedsAndParametersMatter) {
  const auto mean = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"evaluate", "policy.safetensors", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json::parse(run(arguments).output)["mean_return"].get<double>();
  };
  const double usual = mean({});
  EXPECT_EQ(mean({}), usual);
  EXPECT_NE(mean({"--seed", "1"}), usual);
  EXPECT_NE(mean({"--environment-parameter", "gravity=5"}), usual);
  EXPECT_EQ(mean({"--environment-parameter", "gravity=9.81"}), usual) << "as it was trained";
  EXPECT_GT(mean({"--time-limit", "10"}), usual) << "fewer steps cost less";
}

}  // namespace
}  // namespace polyak
