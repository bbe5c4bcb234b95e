// Every write, sync, rename, allocation, thread start, ... of a training fails once, or is the
// moment at which the process is killed. Whatever happens: an orderly exit with one line, and good
// policies with their configuration in the directory, the older ones or the new ones.
//   POLYAK_EVERY_FAULT=1   every single allocation, which takes minutes, instead of a sample
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "app/program.hpp"
#include "faults/failing_program.hpp"
#include "io/checkpoint_files.hpp"
#include "io/run_files.hpp"
#include "io/staged_files.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/policy.hpp"
#include "trainer/checkpoint.hpp"

namespace polyak {
namespace {

using test::Fault;
using test::ProgramResult;
using test::read_text;
using test::TemporaryDirectory;

std::vector<std::string> older_training() {
  return test::small_training(
      {"--output", "run", "--quiet", "--report-steps", "200", "--evaluate-every", "200"});
}

/// Two agents with other networks than the older training's only one; its pool starts a thread.
constexpr int newer_units = 12;
std::vector<std::string> newer_training() {
  return test::small_training({"--output", "run", "--quiet", "--report-steps", "200",
                               "--evaluate-every", "200", "--overwrite", "--agents", "2",
                               "--actor-hidden", std::to_string(newer_units), "--threads", "2"});
}

/// The run directory's files by name, those in hidden directories left out.
std::map<std::string, std::string> files_of(const std::filesystem::path& run) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(run)) {
    if (entry.is_regular_file()) files[entry.path().filename()] = read_text(entry.path());
  }
  return files;
}

class FaultInjection : public testing::Test {
 protected:
  FaultInjection() {
    EXPECT_EQ(test::run_program(older_training(), prepared_.path()).exit_code, 0);
    const std::filesystem::path run = prepared_ / "run";
    std::filesystem::rename(run, prepared_ / "older");
    EXPECT_EQ(test::run_program(newer_training(), prepared_.path()).exit_code, 0);
    std::filesystem::rename(run, prepared_ / "newer");
    older_ = files_of(prepared_ / "older");
    newer_ = files_of(prepared_ / "newer");
    foreign_ = {{"policy_backup.safetensors", "not ours"}, {"notes.txt", "nor this"}};
  }

  /// A directory with the older training and somebody's files in it.
  void prepare(const TemporaryDirectory& directory) const {
    std::filesystem::copy(prepared_ / "older", directory / "run");
    for (const auto& [name, text] : foreign_) test::write_text(directory / "run" / name, text);
  }

  bool has_all_evaluations(const std::filesystem::path& run) const {
    const auto lines = [](const std::string& text) {
      return std::count(text.begin(), text.end(), '\n');
    };
    const std::string name(evaluations_file_name);
    return lines(files_of(run).at(name)) == lines(newer_.at(name));
  }

  /// Whether a policy with `text` may have this name: exactly the older training's, or one that a
  /// newer training wrote, which may have ended early.
  bool is_good_policy(const std::filesystem::path& file, const std::string& text) const {
    const std::string name = file.filename();
    if (older_.contains(name)) return older_.at(name) == text;
    return newer_.contains(name) && Policy::load(file).layers.front().outputs == newer_units;
  }

  /// Whether one training is in the directory, with all its policies and its configuration, and no
  /// other training's files beside them. `finished`: with the very policies that it ends with.
  static bool is_whole(const std::map<std::string, std::string>& files,
                       const std::map<std::string, std::string>& training, bool finished) {
    for (const auto& [name, text] : training) {
      const bool same_every_time =
          name == config_file_name ||
          (finished && name.ends_with(".safetensors") && name != checkpoint_file_name(0));
      // The training goes on without a checkpoint that cannot be written.
      const bool may_lack = name == checkpoint_file_name(0);
      if (!files.contains(name)) {
        const bool comes_last = name == summary_file_name || name.starts_with("policy_best");
        if (!may_lack && (finished || !comes_last)) return false;
      } else if (same_every_time && files.at(name) != text) {
        return false;
      }
    }
    return std::all_of(files.begin(), files.end(), [&](const auto& file) {
      return !is_run_file_name(file.first) || training.contains(file.first);
    });
  }

  bool is_one_training(const std::map<std::string, std::string>& files) const {
    return is_whole(files, older_, true) || is_whole(files, newer_, false);
  }

  void expect_foreign_files(const std::map<std::string, std::string>& files) const {
    for (const auto& [name, text] : foreign_) {
      ASSERT_TRUE(files.contains(name)) << name << " is gone";
      EXPECT_EQ(files.at(name), text);
    }
  }

  /// A checkpoint is whole if there is one.
  static void expect_whole_checkpoint(const std::filesystem::path& run) {
    for (const std::filesystem::path& path : checkpoints_in(run)) {
      EXPECT_NO_THROW(Checkpoint{path});
    }
  }

  /// At least one policy by its name, and none that is damaged.
  void expect_whole_policies(const std::filesystem::path& run,
                             const std::map<std::string, std::string>& files) const {
    int policies = 0;
    for (const auto& [name, text] : files) {
      if (!agent_of_policy_file(name)) continue;
      EXPECT_TRUE(is_good_policy(run / name, text)) << name << " is damaged";
      ++policies;
    }
    EXPECT_GT(policies, 0);
  }

  /// At most one failure, behind at most a warning of each table's rows and one of a checkpoint,
  /// which are all tried again.
  static void expect_orderly(const ProgramResult& result) {
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 1) << result.exit_code;
    std::string failure = result.errors;
    int warnings = 0;
    for (; failure.starts_with("polyak: warning: "); ++warnings) {
      failure.erase(0, failure.find('\n') + 1);
    }
    EXPECT_LE(warnings, 3) << result.errors;
    EXPECT_EQ(std::count(failure.begin(), failure.end(), '\n'), result.exit_code == 0 ? 0 : 1)
        << result.errors;
    if (result.exit_code != 0) {
      EXPECT_THAT(failure, testing::StartsWith("polyak: "));
    }
  }

  static bool has_transient_names(const std::filesystem::path& run) {
    return std::ranges::any_of(std::filesystem::directory_iterator(run), [](const auto& entry) {
      return StagedFiles::is_transient_name(entry.path().filename().string());
    });
  }

  /// What is left is good as it is, and one training's alone once the next one has looked at it.
  void expect_nothing_lost(const TemporaryDirectory& directory, bool may_leave_remains) const {
    std::map<std::string, std::string> files = files_of(directory / "run");
    expect_foreign_files(files);
    expect_whole_policies(directory / "run", files);
    expect_whole_checkpoint(directory / "run");
    const bool cut_commit = std::filesystem::exists(directory / "run/.polyak-commit");
    const bool has_remains = has_transient_names(directory / "run");
    EXPECT_TRUE(cut_commit || may_leave_remains || !has_remains);
    if (!cut_commit) {
      EXPECT_TRUE(is_one_training(files));
    }
    // The next one finds nothing to do in most of the directories.
    if (!cut_commit && !has_remains && !may_leave_remains) return;
    const ProgramResult next =
        test::run_program(test::small_training({"--output", "run"}), directory.path());
    EXPECT_EQ(next.exit_code, 2);
    EXPECT_THAT(next.errors, testing::HasSubstr("is not empty"));
    files = files_of(directory / "run");
    expect_foreign_files(files);
    EXPECT_TRUE(is_one_training(files));
    EXPECT_FALSE(has_transient_names(directory / "run"));
  }

  /// Runs the training with this fault. False if it never came to it.
  bool survives(const Fault& fault) const {
    const testing::ScopedTrace trace(__FILE__, __LINE__, testing::PrintToString(fault));
    const TemporaryDirectory directory;
    prepare(directory);
    const ProgramResult result = test::run_with(fault, newer_training(), directory);
    const bool came = test::happened(directory);
    if (fault.how == "kill" && came) {
      EXPECT_EQ(result.exit_code, 128 + SIGKILL);
    } else {
      expect_orderly(result);
    }
    if (result.exit_code == 0) {
      EXPECT_TRUE(is_whole(files_of(directory / "run"), newer_, true));
    }
    // A JSON value's destructor allocates: where that fails, nothing after it is done any more.
    const bool cleaning =
        fault.kind == "unlink" || fault.kind == "rmdir" || fault.kind == "allocation";
    expect_nothing_lost(directory, cleaning || fault.how == "kill");
    return came;
  }

  /// The 1st, 2nd, ... call, until there is none; returns how many there were.
  long survives_every(const std::string& kind, const std::string& how) const {
    for (long number = 1;; ++number) {
      if (!survives({kind, number, how}) || HasFailure()) return number - 1;
    }
  }

  TemporaryDirectory prepared_;
  std::map<std::string, std::string> older_, newer_, foreign_;
};

TEST_F(FaultInjection, EveryFileCallFailsOnce) {
  for (const std::string kind : {"write", "fsync", "rename", "mkdir", "open", "close", "unlink"}) {
    EXPECT_GT(survives_every(kind, "once"), 0) << kind << " is never called";
  }
  EXPECT_GT(survives_every("rmdir", "once"), 0);
  EXPECT_EQ(survives_every("flock", "once"), 1);
}

TEST_F(FaultInjection, ANewTrainingKeepsWhatCouldBeWritten) {
  for (const std::string kind : {"write", "fsync", "rename", "mkdir"}) {
    for (long number = 1;; ++number) {
      const Fault fault{kind, number, "once"};
      const testing::ScopedTrace trace(__FILE__, __LINE__, testing::PrintToString(fault));
      const TemporaryDirectory directory;
      const ProgramResult result = test::run_with(fault, newer_training(), directory);
      expect_orderly(result);
      if (std::filesystem::exists(directory / "run")) {
        EXPECT_FALSE(std::filesystem::exists(directory / "run/.polyak-staging"));
        for (const auto& [name, text] : files_of(directory / "run")) {
          EXPECT_TRUE(!agent_of_policy_file(name) ||
                      is_good_policy(directory / "run" / name, text));
        }
      }
      if (!test::happened(directory) || HasFailure()) break;
      // Rows are tried again; those of the last evaluation at once, with nothing to tell.
      EXPECT_TRUE(result.exit_code == 1 || result.errors.starts_with("polyak: warning: ") ||
                  has_all_evaluations(directory / "run"));
    }
  }
}

TEST_F(FaultInjection, TheDiskIsFullFromAnyWriteOn) {
  EXPECT_GT(survives_every("write", "always"), 5);
}

TEST_F(FaultInjection, KilledBeforeAnyChange) { EXPECT_GT(survives_every("change", "kill"), 30); }

TEST_F(FaultInjection, AThreadThatDoesNotStartIsDoneWithout) {
  EXPECT_EQ(survives_every("thread", "once"), 1);
  const TemporaryDirectory directory;
  prepare(directory);
  test::run_with({"thread", 1, "once"}, newer_training(), directory);
  EXPECT_THAT(read_text(directory / "run/summary.json"),
              testing::HasSubstr("cpu, 1 thread (1 more could not be started)"));
}

TEST_F(FaultInjection, AllocationsFail) {
  const bool every = std::getenv("POLYAK_EVERY_FAULT") != nullptr;
  long last = 0;
  for (long number = 1; !HasFailure() && survives({"allocation", number, "once"});) {
    last = number;
    number += every ? 1 : number / 12 + 1;
  }
  EXPECT_GT(last, 1000);
  if (every) return;
  // Where it ends, most is written: the last ones again, closer together.
  for (long step = last / 12; step > 10 && !HasFailure(); step /= 2) {
    if (survives({"allocation", last + step, "once"})) last += step;
  }
  for (long back = 0; back < 1000 && !HasFailure(); back += 13) {
    survives({"allocation", last - back, "once"});
  }
}

}  // namespace
}  // namespace polyak
