// What `polyak tune` says to who may have meant something else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "app/tune/small_tune.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::run_program;
using test::TemporaryDirectory;
using test::tune;
using testing::HasSubstr;

TEST(TuneMessages, ASearchIsNoTrainingAndTheOtherWayRound) {
  const TemporaryDirectory directory;
  ASSERT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 0);
  std::vector<std::string> unconfirmed =
      test::small_search({"space.toml", "--confirm", "0", "--output", "unconfirmed"});
  unconfirmed.erase(std::find(unconfirmed.begin(), unconfirmed.end(), "--confirm-seeds"),
                    std::find(unconfirmed.begin(), unconfirmed.end(), "--confirm-seeds") + 2);
  ASSERT_EQ(run_program(unconfirmed, directory.path()).exit_code, 0);
  ASSERT_EQ(run_program(test::small_training({"--output", "run"}), directory.path()).exit_code, 0);
  const std::vector<std::pair<std::vector<std::string>, std::string>> hints = {
      {{"evaluate", "found"}, "found: is a search; name its policy, found/policy_best.safetensors"},
      {{"evaluate", "unconfirmed"}, "unconfirmed: is a search; it has no policy"},
      {{"rollout", "found"}, "found: is a directory; name a file in it"},
      {{"report", "nothing"}, "nothing: is no directory; name that of a training or of a search"},
      {{"train", "--resume", "found"}, "polyak tune --resume goes on with it"},
      {{"tune", "--resume", "run"}, "polyak train --resume goes on with it"}};
  for (const auto& [arguments, hint] : hints) {
    const ProgramResult refused = run_program(arguments, directory.path());
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.errors, HasSubstr(hint));
  }
  EXPECT_EQ(run_program({"watch", "found", "--json"}, directory.path()).exit_code, 0);
}

// As `polyak train` does.
TEST(TuneMessages, TellsOfTrialsWhoseActionsAreAllRandom) {
  const TemporaryDirectory directory;
  const auto errors = [&](const std::string& warmup) {
    test::write_text(directory / "space.toml", "warmup-steps = " + warmup + "\ntau = [0.1, 0.2]\n");
    std::vector<std::string> arguments = test::small_search(
        {"space.toml", "--trials", "2", "--quiet", "--overwrite", "--output", "found"});
    const auto option = std::find(arguments.begin(), arguments.end(), "--warmup-steps");
    arguments.erase(option, option + 2);
    return run_program(arguments, directory.path()).errors;
  };
  EXPECT_EQ(errors("600"),
            "polyak: warning: all 600 environment steps have random actions, for --warmup-steps is "
            "600; no policy acts before it is trained\n");
  EXPECT_EQ(errors("598"), "");
  EXPECT_THAT(errors("[600, 10]"),
              testing::StartsWith("polyak: warning: of 1 of 2 trials, number "));
}

// Who comes on from there has been lucky.
TEST(TuneMessages, TellsOfARungBeforeAnythingIsLearned) {
  const TemporaryDirectory directory;
  test::write_text(directory / "space.toml", test::small_space);
  const auto errors = [&](const char* learning_starts) {
    return run_program(test::small_search({"space.toml", "--reduction", "2", "--first-rung", "150",
                                           "--learning-starts", learning_starts, "--quiet",
                                           "--overwrite", "--output", "found"}),
                       directory.path())
        .errors;
  };
  EXPECT_EQ(errors("134"),
            "polyak: warning: at the first rung, after 150 steps, 6 of 6 trials will have learned "
            "little or nothing yet (--learning-starts), so that chance says which of them go on; "
            "--first-rung 201 is late enough\n");
  EXPECT_EQ(errors("100"), "");
  EXPECT_THAT(errors("201"), HasSubstr("; use fewer --learning-starts, or more --total-steps"));
}

}  // namespace
}  // namespace polyak
