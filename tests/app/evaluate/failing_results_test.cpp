// Results that are no numbers, and requests that no memory holds: exit code 1, one line, nothing
// written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "app/program.hpp"
#include "io/policy_samples.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::run_program;
using testing::HasSubstr;

class FailingResults : public testing::Test {
 protected:
  FailingResults() {
    test::sample_policy().save(directory_ / "policy.safetensors");
    Policy broken = test::sample_policy();
    // Infinities of both signs meet in the second layer.
    broken.layers[0].weight.assign(15, 3e38f);
    broken.layers[1].weight = {3e38f, -3e38f, 3e38f, -3e38f, 3e38f};
    broken.save(directory_ / "broken.safetensors");
    test::write_text(directory_ / "far.json", R"({"theta": [1, 3e38], "theta_dot": [0, 0]})");
    test::write_text(directory_ / "near.json", R"({"theta": [0.5], "theta_dot": [0]})");
    test::write_text(directory_ / "in.csv", "theta,theta_dot,action\n0,0,0\n0,3e38,1\n");
  }

  /// One line on the error output and the files as they were.
  void expect_failure(std::vector<std::string> arguments, const std::string& words) const {
    SCOPED_TRACE(words);
    const std::vector<std::string> before = directory_.listing();
    arguments.insert(arguments.end(), {"--device", "cpu"});
    const ProgramResult result = run_program(arguments, directory_.path());
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr(words));
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    EXPECT_EQ(directory_.listing(), before);
  }

  test::TemporaryDirectory directory_;
};

TEST_F(FailingResults, OfEvaluate) {
  expect_failure({"evaluate", "policy.safetensors", "--starts", "far.json", "--json"},
                 "the return from start state 1 is NaN or infinite");
  expect_failure(
      {"evaluate", "broken.safetensors", "--starts", "near.json", "--per-start", "returns.csv"},
      "the return from start state 0 is NaN or infinite");
}

TEST_F(FailingResults, OfRollout) {
  expect_failure({"rollout", "policy.safetensors", "--starts", "far.json"},
                 "episode 1, step 0: the reward is NaN or infinite");
  expect_failure({"rollout", "broken.safetensors", "--starts", "near.json", "--output", "out.csv"},
                 "episode 0, step 0: the action is NaN or infinite");
  expect_failure({"rollout", "--transitions", "in.csv", "--output", "out.csv"},
                 "transition 1 (of 2, counted from 0): the reward is NaN or infinite");
}

TEST_F(FailingResults, OfMoreMemoryThanThereIs) {
  expect_failure(
      {"rollout", "policy.safetensors", "--episodes", "100000", "--time-limit", "1000000000"},
      "not enough memory: this rollout needs ");
  expect_failure({"train", "--output", "run", "--agents", "65535", "--replay-capacity", "1e12",
                  "--total-steps", "1e15"},
                 "not enough memory: this training needs ");
}

TEST_F(FailingResults, InfoNeverCountsBackwards) {
  const ProgramResult result =
      run_program({"info", "--device", "cpu", "--agents", "65535", "--replay-capacity", "1e12",
                   "--total-steps", "1e15", "--policy", "lstm", "--recurrent-units", "256",
                   "--sequence-length", "4", "--sequence-start", "stored"},
                  directory_.path());
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("replay: more than "));
  EXPECT_THAT(result.output, HasSubstr("in all: more than "));
  EXPECT_EQ(result.output.find(": -"), std::string::npos) << result.output;
}

}  // namespace
}  // namespace polyak
