// evaluate, rollout and info from the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/program.hpp"
#include "config/fields.hpp"
#include "io/csv.hpp"
#include "io/policy_samples.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/config.hpp"
#include "polyak/environment/pendulum.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using test::read_text;
using test::run_program;
using test::TemporaryDirectory;
using test::write_text;
using testing::HasSubstr;

constexpr const char* starts_json =
    R"({"theta": [0, 1, 3], "theta_dot": [0, 0.5, -1], "best_return": [0, -50, -300]})";

class PolicyCommands : public testing::Test {
 protected:
  PolicyCommands() {
    test::sample_policy().save(directory_ / "policy.safetensors");
    write_text(directory_ / "starts.json", starts_json);
  }

  ProgramResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--device", "cpu"});
    return run_program(arguments, directory_.path());
  }

  TemporaryDirectory directory_;
};

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

TEST_F(PolicyCommands, EvaluateGivesTheReturnsOfThePolicyAndItsRegret) {
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

TEST_F(PolicyCommands, EvaluatePrintsTheStatistics) {
  const ProgramResult result = run({"evaluate", "policy.safetensors", "--starts", "starts.json"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  for (const char* word : {"mean return", "standard error", "median", "worst", "mean regret"}) {
    EXPECT_THAT(result.output, HasSubstr(word));
  }
  const ProgramResult drawn = run({"evaluate", "policy.safetensors", "--episodes", "7"});
  EXPECT_THAT(drawn.output, HasSubstr("7 episodes"));
  EXPECT_EQ(drawn.output.find("regret"), std::string::npos);
}

TEST_F(PolicyCommands, SeedsAndParametersMatter) {
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

TEST_F(PolicyCommands, RolloutIsATrajectoryOfTheEnvironment) {
  const ProgramResult result = run(
      {"rollout", "policy.safetensors", "--starts", "starts.json", "--output", "trajectories.csv"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const std::vector<std::string> header = {
      "episode",       "step",          "theta",  "theta_dot", "observation_0",
      "observation_1", "observation_2", "action", "reward",    "terminated"};
  const CsvTable table = read_csv(directory_ / "trajectories.csv", header);
  ASSERT_EQ(table.rows(), 600u);
  const Policy policy = test::sample_policy();
  for (std::size_t row = 0; row + 1 < table.rows(); ++row) {
    const float* const now = &table.values[row * header.size()];
    EXPECT_EQ(now[0], static_cast<float>(row / 200));
    EXPECT_EQ(now[1], static_cast<float>(row % 200));
    EXPECT_NEAR(policy.act(std::span(now + 4, 3))[0], now[7], 1e-5f);
    if (now[1] == 199.0f) continue;
    const auto step = Pendulum::step({9.81f}, {now[2], now[3]}, now + 7);
    EXPECT_NEAR(step.next.theta, now[header.size() + 2], 1e-5f);
    EXPECT_NEAR(step.reward, now[8], 1e-4f);
  }
}

/// A policy for MountainCarContinuous-v0 that always pushes to the right with almost full force.
Policy pushing_policy() {
  Policy policy;
  policy.environment = "MountainCarContinuous-v0";
  policy.environment_parameters = {0.0f};
  policy.layers.push_back({2, 1, Activation::tanh, {0.0f, 0.0f}, {10.0f}});
  policy.action_scale = {1.0f};
  policy.action_offset = {0.0f};
  return policy;
}

TEST_F(PolicyCommands, RolloutOfEpisodesOfDifferentLengths) {
  pushing_policy().save(directory_ / "push.safetensors");
  write_text(directory_ / "cars.json", R"({"position": [0.4, -0.5], "velocity": [0.07, 0]})");
  const ProgramResult result = run({"rollout", "push.safetensors", "--starts", "cars.json",
                                    "--time-limit", "3", "--output", "trajectories.csv"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const std::vector<std::string> header = {"episode",  "step",          "position",
                                           "velocity", "observation_0", "observation_1",
                                           "action",   "reward",        "terminated"};
  const CsvTable table = read_csv(directory_ / "trajectories.csv", header);
  ASSERT_EQ(table.rows(), 4u);
  // The first car reaches the goal in one step, the second is stopped by the limit of three.
  const float expected[4][3] = {{0, 0, 1}, {1, 0, 0}, {1, 1, 0}, {1, 2, 0}};
  for (std::size_t row = 0; row < 4; ++row) {
    const float* const values = &table.values[row * header.size()];
    EXPECT_EQ(values[0], expected[row][0]);
    EXPECT_EQ(values[1], expected[row][1]);
    EXPECT_EQ(values[8], expected[row][2]);
  }
  EXPECT_EQ(table.values[2], 0.4f);
  EXPECT_EQ(table.values[header.size() + 2], -0.5f);
  EXPECT_GT(table.values[7], 99.0f) << "the reward for the goal";
}

TEST_F(PolicyCommands, TransitionsAreIndependentStepsThatReadBackExactly) {
  write_text(directory_ / "in.csv", "theta,theta_dot,action\n0.1,0.2,5\n3,-1,0.25\n-12.5,7.9,-2\n");
  const ProgramResult result = run({"rollout", "--transitions", "in.csv"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  write_text(directory_ / "out.csv", result.output);
  const std::vector<std::string> header = {"next_theta",   "next_theta_dot", "reward",
                                           "terminated",   "observation_0",  "observation_1",
                                           "observation_2"};
  const CsvTable table = read_csv(directory_ / "out.csv", header);
  ASSERT_EQ(table.rows(), 3u);
  const float inputs[3][3] = {{0.1f, 0.2f, 5.0f}, {3.0f, -1.0f, 0.25f}, {-12.5f, 7.9f, -2.0f}};
  for (std::size_t row = 0; row < 3; ++row) {
    const auto step = Pendulum::step({10.0f}, {inputs[row][0], inputs[row][1]}, &inputs[row][2]);
    float observation[3];
    Pendulum::observe(step.next, observation);
    const std::vector<float> expected = {step.next.theta, step.next.theta_dot, step.reward,   0.0f,
                                         observation[0],  observation[1],      observation[2]};
    const auto begin = table.values.begin() + static_cast<std::ptrdiff_t>(row * header.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_FLOAT_EQ(begin[static_cast<std::ptrdiff_t>(i)], expected[i]) << header[i];
    }
  }
}

TEST_F(PolicyCommands, TransitionsOfAnotherEnvironmentHaveItsNames) {
  write_text(directory_ / "in.csv", "position,velocity,action\n0.44,0.07,1\n");
  const ProgramResult result =
      run({"rollout", "--environment", "MountainCarContinuous-v0", "--transitions", "in.csv"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, testing::StartsWith("next_position,next_velocity,reward,terminated,"
                                                 "observation_0,observation_1\n"));
  EXPECT_THAT(result.output, HasSubstr(",99.9,1,"));  // the goal, less 0.1 for the action
}

TEST_F(PolicyCommands, AFullDiskIsARunError) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"rollout", "policy.safetensors", "--output", "/dev/full"},
        {"evaluate", "policy.safetensors", "--per-start", "/dev/full"}}) {
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.errors, HasSubstr("cannot write /dev/full: No space left on device"));
  }
}

TEST_F(PolicyCommands, InfoTellsOfDevicesBuildEnvironmentsAndMemory) {
  const ProgramResult result = run({"info", "--agents", "3"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  for (const char* word : {"cpu: ", "compiler ", "Pendulum-v1", "MountainCarContinuous-v0",
                           "gravity=10", "layered", "replay: ", "bytes"}) {
    EXPECT_THAT(result.output, HasSubstr(word));
  }
}

TEST_F(PolicyCommands, InfoTellsEveryValueOfAPresetWithItsSource) {
  const ProgramResult result = run({"info", "--preset", "paper", "--tau", "0.5"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const Config config;
  visit_fields(config, [&](const FieldInfo& field, const auto&) {
    if (field.name == "preset") return;
    EXPECT_THAT(result.output, HasSubstr("\n    " + std::string(field.name) + " "));
  });
  EXPECT_THAT(result.output, HasSubstr("Lillicrap et al. 2015"));
  EXPECT_THAT(result.output, testing::ContainsRegex("critic-weight-decay +0.01 +section 7"));
  EXPECT_THAT(result.output, testing::ContainsRegex("tau +0.5 +given"));
  EXPECT_THAT(result.output, testing::ContainsRegex("reward-scale +1 +Polyak's default"));
  EXPECT_THAT(result.output, HasSubstr("no pixels"));
  EXPECT_THAT(result.output, HasSubstr("in all: "));
}

TEST_F(PolicyCommands, InfoTellsWhatASystemsTd3Is) {
  const ProgramResult result = run({"info", "--preset", "spinningup", "--algorithm", "td3"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("Preset spinningup: openai/spinningup, "
                                       "spinup/algos/pytorch/td3 (038665d)\n"));
  EXPECT_THAT(result.output, testing::ContainsRegex("target-noise +0.1 +target_noise 0.2"));
  EXPECT_THAT(result.output, testing::ContainsRegex("actor-delay +2 +policy_delay"));
  EXPECT_THAT(result.output, testing::ContainsRegex("batch-size +100 +batch_size"));
  EXPECT_THAT(result.output, HasSubstr("share of the action range"));
  const ProgramResult own = run({"info", "--preset", "fast", "--algorithm", "td3"});
  EXPECT_THAT(own.output, testing::ContainsRegex("actor-delay +2 +Fujimoto et al. 2018"));
  EXPECT_THAT(own.output, testing::ContainsRegex("tau +0.02 +Polyak's default"));
}

TEST_F(PolicyCommands, AFullDiskBehindTheStandardOutputIsARunError) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"rollout", "policy.safetensors"},
        {"evaluate", "policy.safetensors"},
        {"info"},
        {"train", "--help"}}) {
    SCOPED_TRACE(arguments.front());
    const ProgramResult result = test::Program(arguments, directory_.path(), 0, "/dev/full").wait();
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.errors, "polyak: cannot write to the standard output\n");
  }
}

TEST_F(PolicyCommands, EveryCommandExplainsItself) {
  const std::vector<std::pair<std::string, std::vector<const char*>>> commands = {
      {"train",
       {"--learning-rate-actor", "Exploration:", "--config", "--output", "round the agents]"}},
      {"evaluate", {"POLICY", "--episodes", "--starts", "--per-start", "--device"}},
      {"rollout", {"POLICY", "--transitions", "--environment", "--device"}},
      {"bench", {"--json", "--batch-size"}},
      {"compare", {"--json", "--total-steps"}},
      {"info", {"--agents", "--config"}}};
  const ProgramResult overview = run_program({"--help"}, directory_.path());
  EXPECT_EQ(overview.exit_code, 0);
  for (const auto& [command, words] : commands) {
    EXPECT_THAT(overview.output, HasSubstr("\n  " + command));
    const ProgramResult help = run_program({command, "--help"}, directory_.path());
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_EQ(help.errors, "");
    for (const char* word : words) EXPECT_THAT(help.output, HasSubstr(word));
    EXPECT_THAT(help.output, HasSubstr("\n  --json [")) << command;
    EXPECT_THAT(help.output, HasSubstr("Examples:\n  polyak " + std::string(command))) << command;
  }
}

TEST_F(PolicyCommands, VersionIsPrinted) {
  const ProgramResult version = run_program({"--version"}, directory_.path());
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.output, testing::StartsWith("polyak "));
}

}  // namespace
}  // namespace polyak
