// What becomes of the checkpoints of a training that --overwrite replaces.
#include <gtest/gtest.h>

#include "io/policy_samples.hpp"
#include "io/run_directory.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using test::read_text;
using test::TemporaryDirectory;

/// The directory of a training that has begun, perhaps where an older one is.
class OverwritingRun : public RunDirectory {
 public:
  explicit OverwritingRun(const std::filesystem::path& path)
      : RunDirectory(DirectoryClaim::named(path), true) {
    begin(Config{});
  }
  void write_as_checkpoint(const std::string& text) {
    write_checkpoint(1, [&](const FileDescriptor& file, const TableMarks&) {
      if (!file.write(text)) fail_to_write("checkpoint");
    });
  }
  void write_sample_policies() {
    write_policies([](int) { return test::sample_policy(); });
  }
};

class ReplacedCheckpoint : public testing::Test {
 protected:
  ReplacedCheckpoint() {
    OverwritingRun older(directory_ / "run");
    older.write_as_checkpoint("older");
    older.write_sample_policies();
  }

  TemporaryDirectory directory_;
  std::filesystem::path checkpoint_ = directory_ / "run/checkpoint.safetensors";
};

// Without it the older training would be gone and the newer one could not go on, for as long as its
// first checkpoint takes.
TEST_F(ReplacedCheckpoint, GoesWithThePoliciesAndNotBefore) {
  {
    OverwritingRun killed(directory_ / "run");
    killed.write_as_checkpoint("of a training that was killed");
    EXPECT_EQ(read_text(checkpoint_), "older");
  }
  OverwritingRun newer(directory_ / "run");
  newer.write_as_checkpoint("first");
  newer.write_as_checkpoint("second");
  EXPECT_EQ(read_text(checkpoint_), "older");
  newer.write_sample_policies();
  EXPECT_EQ(read_text(checkpoint_), "second");
  newer.write_as_checkpoint("third");
  EXPECT_EQ(read_text(checkpoint_), "third");
}

TEST_F(ReplacedCheckpoint, IsFollowedByOthersWhereTheCommitWasCutOff) {
  OverwritingRun newer(directory_ / "run");
  newer.write_as_checkpoint("first");
  const auto policy = directory_ / "run/policy.safetensors";
  std::filesystem::remove(policy);
  std::filesystem::create_directories(policy / "in the way");
  EXPECT_THROW(newer.write_sample_policies(), RunError);
  std::filesystem::remove_all(policy);
  newer.write_as_checkpoint("second");
  EXPECT_FALSE(newer.holds_older_training());
  EXPECT_EQ(read_text(checkpoint_), "second");
  EXPECT_TRUE(std::filesystem::exists(policy));
}

TEST_F(ReplacedCheckpoint, GoesWhereTheNewerTrainingHasNone) {
  OverwritingRun newer(directory_ / "run");
  newer.write_sample_policies();
  EXPECT_FALSE(std::filesystem::exists(checkpoint_));
}

// A policy that nobody has trained is worth no older training.
TEST_F(ReplacedCheckpoint, StaysWhereTheNewPoliciesHaveNoUpdate) {
  OverwritingRun newer(directory_ / "run");
  newer.write_as_checkpoint("newer");
  Policy policy = test::sample_policy();
  policy.training["updates"] = "0";
  newer.write_policies([&](int) { return policy; });
  EXPECT_TRUE(newer.keeps_older_training(policy));
  EXPECT_EQ(read_text(checkpoint_), "older");
  policy.training["updates"] = "1";
  newer.write_policies([&](int) { return policy; });
  EXPECT_EQ(read_text(checkpoint_), "newer");
  policy.training["updates"] = "0";
  EXPECT_FALSE(newer.keeps_older_training(policy)) << "there is none any more";
}

}  // namespace
}  // namespace polyak
