// rollout from the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/policy_commands.hpp"
#include "io/csv.hpp"
#include "io/gif_decoder.hpp"
#include "polyak/environment/pendulum.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::ProgramResult;
using test::write_text;
using testing::HasSubstr;

class RolloutCommand : public test::PolicyCommands {};

TEST_F(RolloutCommand, RolloutIsATrajectoryOfTheEnvironment) {
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

TEST_F(RolloutCommand, RowsOnTheStandardOutputHaveNoTextAmongThem) {
  write_text(directory_ / "first.json", R"({"theta": [3], "theta_dot": [0]})");
  const ProgramResult alone = run({"rollout", "policy.safetensors", "--starts", "first.json"});
  const ProgramResult result = run({"rollout", "policy.safetensors", "--starts", "first.json",
                                    "--output", "/dev/stdout", "--animate", "episode.svg"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, alone.output);
  EXPECT_EQ(result.errors, "wrote episode.svg\n");
}

TEST_F(RolloutCommand, RolloutOfEpisodesOfDifferentLengths) {
  test::pushing_policy().save(directory_ / "push.safetensors");
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

TEST_F(RolloutCommand, TransitionsAreIndependentStepsThatReadBackExactly) {
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

TEST_F(RolloutCommand, TransitionsOfAnotherEnvironmentHaveItsNames) {
  write_text(directory_ / "in.csv", "position,velocity,action\n0.44,0.07,1\n");
  const ProgramResult result =
      run({"rollout", "--environment", "MountainCarContinuous-v0", "--transitions", "in.csv"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, testing::StartsWith("next_position,next_velocity,reward,terminated,"
                                                 "observation_0,observation_1\n"));
  EXPECT_THAT(result.output, HasSubstr(",99.9,1,"));  // the goal, less 0.1 for the action
}

/// A policy of zeros for any environment.
Policy resting_policy(const EnvironmentInfo& environment) {
  Policy policy;
  policy.environment = environment.name;
  for (const EnvironmentParameter& parameter : environment.parameters) {
    policy.environment_parameters.push_back(parameter.default_value);
  }
  const auto outputs = static_cast<std::size_t>(environment.action_size);
  const auto weights = outputs * static_cast<std::size_t>(environment.observation_size);
  policy.layers.push_back({environment.observation_size, environment.action_size, Activation::tanh,
                           std::vector<float>(weights), std::vector<float>(outputs)});
  for (int i = 0; i < environment.action_size; ++i) {
    const float low = environment.action_low(i), high = environment.action_high(i);
    policy.action_scale.push_back(0.5f * (high - low));
    policy.action_offset.push_back(0.5f * (high + low));
  }
  return policy;
}

TEST_F(RolloutCommand, EveryEnvironmentCanBeDrawn) {
  for (const EnvironmentInfo& environment : all_environments()) {
    if (environment.name == "NoisyPointMass") continue;  // unknown to the program
    SCOPED_TRACE(environment.name);
    resting_policy(environment).save(directory_ / "rest.safetensors");
    for (const std::string name : {"episode.svg", "episode.gif"}) {
      const ProgramResult result =
          run({"rollout", "rest.safetensors", "--time-limit", "7", "--animate", name});
      ASSERT_EQ(result.exit_code, 0) << result.errors;
      EXPECT_EQ(result.output, "wrote " + name + "\n") << "no rows";
    }
    const std::string svg = test::read_text(directory_ / "episode.svg");
    EXPECT_THAT(svg, HasSubstr("<title>An episode of " + std::string(environment.name) + ": 7"));
    EXPECT_EQ(test::decode_gif(test::read_text(directory_ / "episode.gif")).frames.size(), 7u);
  }
}

TEST_F(RolloutCommand, APictureLeavesTheRowsToTheirOptions) {
  const ProgramResult result = run({"rollout", "policy.safetensors", "--time-limit", "3", "--json",
                                    "--output", "rows.csv", "--animate", "episode.svg"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(json::parse(result.output)["rows"].size(), 3u);
  EXPECT_EQ(directory_.listing(), (std::vector<std::string>{"episode.svg", "policy.safetensors",
                                                            "rows.csv", "starts.json"}));
}

TEST_F(RolloutCommand, AFullDiskIsARunError) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"rollout", "policy.safetensors", "--output", "/dev/full"},
        {"evaluate", "policy.safetensors", "--per-start", "/dev/full"}}) {
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.errors, HasSubstr("cannot write /dev/full: No space left on device"));
  }
}

}  // namespace
}  // namespace polyak
