// What a training that goes nowhere says of itself while it goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::run_program;
using test::small_training;

TEST(TrainWarning, ComesOnceAndNamesAgentAndRemedyHoweverQuiet) {
  const test::TemporaryDirectory directory;
  const ProgramResult result =
      run_program(small_training({"--output", "run", "--quiet", "--agents", "2", "--total-steps",
                                  "4000", "--learning-rate-actor", "10,1e-9"}),
                  directory.path());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  EXPECT_THAT(result.errors, testing::StartsWith("polyak: warning: the policy's actions stay at "
                                                 "their bounds (agent 0, 100% of them"));
  EXPECT_THAT(result.errors, testing::HasSubstr("--learning-rate-actor"));
}

TEST(TrainWarning, IsNotGivenWithoutCause) {
  const test::TemporaryDirectory directory;
  const ProgramResult result =
      run_program(small_training({"--output", "run", "--quiet", "--total-steps", "4000",
                                  "--learning-rate-actor", "1e-6"}),
                  directory.path());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.errors, "");
}

TEST(TrainWarning, TellsOfATrainingWhoseActionsAreAllRandom) {
  const test::TemporaryDirectory directory;
  const auto errors = [&](const char* warmup_steps) {
    return run_program(small_training({"--output", "run", "--overwrite", "--quiet",
                                       "--warmup-steps", warmup_steps}),
                       directory.path())
        .errors;
  };
  EXPECT_EQ(errors("600"),
            "polyak: warning: all 600 environment steps have random actions, for --warmup-steps is "
            "600; no policy acts before it is trained\n");
  EXPECT_EQ(errors("598"), "");
}

}  // namespace
}  // namespace polyak
