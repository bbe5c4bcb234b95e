// What a training that goes on makes of the files that it finds, of options that it remembers, and
// of a disk without space for its checkpoint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/policy.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;
using test::ProgramResult;
using test::read_text;
using test::run_program;
using test::small_training;
using test::TemporaryDirectory;
using test::write_text;
using testing::HasSubstr;

/// Trainings in directories of one place.
class ResumedFiles : public testing::Test {
 protected:
  ProgramResult train(const std::vector<std::string>& more) const {
    std::vector<std::string> options = {"--quiet"};
    options.insert(options.end(), more.begin(), more.end());
    return run_program(small_training(options), directory_.path());
  }
  ProgramResult resume(const std::string& run, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> options = {"train", "--quiet", "--resume", run};
    options.insert(options.end(), more.begin(), more.end());
    return run_program(options, directory_.path());
  }
  /// A new copy of a run, with its newest checkpoint or the one before.
  fs::path copy_of(const std::string& run, bool from_the_newest = true) const {
    const fs::path copy = directory_ / "copy";
    fs::remove_all(copy);
    fs::copy(directory_ / run, copy);
    if (!from_the_newest) fs::remove(copy / "checkpoint.safetensors");
    return copy;
  }

  TemporaryDirectory directory_;
};

// Without further evaluations nothing can make up for what is lost.
TEST_F(ResumedFiles, TheBestPoliciesAreThoseUpToTheCheckpointWhateverBecameOfTheirFiles) {
  ASSERT_EQ(train({"--output", "run", "--agents", "2", "--checkpoint-every", "200",
                   "--keep-checkpoints", "2"})
                .exit_code,
            0);
  for (const bool from_the_newest : {true, false}) {
    const fs::path whole = copy_of("run", from_the_newest);
    const std::vector<std::string> on = {"--total-steps", "650", "--evaluate-every", "0"};
    ASSERT_EQ(resume("copy", on).exit_code, 0);
    const std::string expected = read_text(whole / "policy_best_1.safetensors");
    for (const char* const other : {"", "policy_best_0.safetensors", "policy_1.safetensors"}) {
      const std::string content = *other == '\0' ? "" : read_text(directory_ / "run" / other);
      const fs::path best = copy_of("run", from_the_newest) / "policy_best_1.safetensors";
      fs::remove(best);
      if (!content.empty()) write_text(best, content);
      const ProgramResult result = resume("copy", on);
      ASSERT_EQ(result.exit_code, 0) << result.errors;
      ASSERT_TRUE(fs::exists(best));
      EXPECT_TRUE(read_text(best) == expected) << other;
    }
  }
}

// Its evaluation comes behind the last checkpoint, which has that very policy.
TEST_F(ResumedFiles, TheBestPolicyMayBeThatOfTheLastStep) {
  ASSERT_EQ(train({"--output", "run", "--evaluate-every", "0"}).exit_code, 0);
  const fs::path best = copy_of("run") / "policy_best.safetensors";
  const std::string expected = read_text(best);
  fs::remove(best);
  const ProgramResult result =
      resume("copy", {"--total-steps", "650", "--evaluation-episodes", "0"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_TRUE(read_text(best) == expected);
}

TEST_F(ResumedFiles, TablesOfOtherTrainingsAreRefused) {
  ASSERT_EQ(train({"--output", "run"}).exit_code, 0);
  for (const std::string name : {"metrics.csv", "evaluations.csv"}) {
    const fs::path file = copy_of("run") / name;
    // Of the right length and with the right header, as another seed's may well be.
    std::string text = read_text(file);
    char& digit = text[text.find('.') + 1];
    digit = digit == '5' ? '6' : '5';
    write_text(file, text);
    const ProgramResult result = resume("copy", {"--total-steps", "700"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.errors, "polyak: copy/" + name + ": is not that of the checkpoint\n");
    EXPECT_TRUE(read_text(file) == text) << "left as it was";
  }
}

TEST_F(ResumedFiles, ADirectoryInAPolicysPlaceIsRefusedBeforeTheTraining) {
  ASSERT_EQ(train({"--output", "run"}).exit_code, 0);
  fs::remove(directory_ / "run/policy.safetensors");
  fs::create_directory(directory_ / "run/policy.safetensors");
  const ProgramResult result = resume("run", {"--total-steps", "700"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("--resume run: policy.safetensors in it is not a regular"));
}

TEST_F(ResumedFiles, ARefusedOptionThatIsRememberedSaysSo) {
  write_text(directory_ / "starts.json", R"({"theta": [0, 3], "theta_dot": [0, 0]})");
  ASSERT_EQ(train({"--output", "run", "--patience", "50", "--starts", "starts.json"}).exit_code, 0);
  const std::string origin =
      " is not given now, the training has it from before (run/checkpoint.safetensors)\n";
  const ProgramResult remembered = resume("run", {"--total-steps", "700", "--evaluate-every", "0"});
  EXPECT_EQ(remembered.exit_code, 2);
  EXPECT_EQ(remembered.errors,
            "polyak: --patience: has no effect without evaluations on the way; --evaluate-every is "
            "0; --patience" +
                origin);
  const ProgramResult given =
      resume("run", {"--total-steps", "700", "--evaluate-every", "0", "--patience", "50"});
  EXPECT_THAT(given.errors, testing::EndsWith("--evaluate-every is 0\n"));
  fs::remove(directory_ / "starts.json");
  EXPECT_THAT(resume("run", {"--total-steps", "700"}).errors,
              testing::EndsWith("; --starts" + origin));
}

// What is said of it must be true: of a first checkpoint, of one that replaces an older training's,
// and of a later one.
TEST_F(ResumedFiles, ACheckpointThatFindsNoSpaceIsToldOfOnce) {
  const auto training = [&](const std::vector<std::string>& more) {
    std::vector<std::string> options =
        small_training({"--output", "run", "--quiet", "--checkpoint-every", "200"});
    options.insert(options.end(), more.begin(), more.end());
    return run_program(options, directory_.path(), 12'000);
  };
  const std::string warning =
      "polyak: warning: cannot write run/checkpoint.safetensors: File too large; ";
  const std::string no_checkpoint = "there is no checkpoint yet, and each later one is tried\n";
  const ProgramResult first = training({});
  EXPECT_EQ(first.exit_code, 0);
  EXPECT_EQ(first.errors, warning + no_checkpoint);
  EXPECT_FALSE(fs::exists(directory_ / "run/checkpoint.safetensors"));
  Policy::load(directory_ / "run/policy.safetensors");
  EXPECT_EQ(directory_.listing().size(), 7u);

  fs::remove_all(directory_ / "run");
  ASSERT_EQ(train({"--output", "run"}).exit_code, 0);
  const ProgramResult replacing = training({"--overwrite"});
  EXPECT_EQ(replacing.exit_code, 0);
  EXPECT_EQ(replacing.errors, warning + no_checkpoint);
  EXPECT_FALSE(fs::exists(directory_ / "run/checkpoint.safetensors"));

  fs::remove_all(directory_ / "run");
  ASSERT_EQ(train({"--output", "run"}).exit_code, 0);
  const ProgramResult later = run_program(
      {"train", "--quiet", "--resume", "run", "--total-steps", "700"}, directory_.path(), 12'000);
  EXPECT_EQ(later.exit_code, 0);
  EXPECT_EQ(later.errors, warning + "the checkpoint before stays, and each later one is tried\n");
  EXPECT_TRUE(fs::exists(directory_ / "run/checkpoint.safetensors"));
}

}  // namespace
}  // namespace polyak
