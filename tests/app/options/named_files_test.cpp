// What a command is about to write is looked at before it does anything.
#include "app/options/named_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;
using test::TemporaryDirectory;
using test::write_text;
using testing::HasSubstr;

std::string complaint_about(const std::function<void()>& action) {
  try {
    action();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

std::string refusal_of_files(const fs::path& output, const std::vector<NamedFile>& inputs = {}) {
  const std::vector<NamedFile> outputs = {{"--output", output}};
  return complaint_about([&] { check_outputs(outputs, inputs); });
}

TEST(NamedFiles, IsNoInputHoweverItIsSpeltOrLinked) {
  const TemporaryDirectory directory;
  const fs::path input = directory / "input";
  write_text(input, "text");
  fs::create_symlink("input", directory / "symbolic");
  fs::create_hard_link(input, directory / "hard");
  fs::create_directory(directory / "folder");
  fs::create_directory_symlink(directory.path(), directory / "folder/back");
  write_text(directory / "other", "text");
  for (const fs::path& output :
       {input, directory / "./input", directory / "folder/../input", directory / "symbolic",
        directory / "hard", directory / "folder/back/input"}) {
    EXPECT_THAT(refusal_of_files(output, {{"--starts", input}}),
                HasSubstr("is the file that is read as --starts " + input.string()))
        << output;
  }
  EXPECT_EQ(refusal_of_files(directory / "other", {{"--starts", input}}), "");
  EXPECT_EQ(refusal_of_files(directory / "new", {{"--starts", input}}), "");
  EXPECT_EQ(refusal_of_files("/dev/null", {{"--starts", "/dev/null"}}), "") << "nothing to lose";
}

TEST(NamedFiles, TwoOutputsAreTwoFiles) {
  const TemporaryDirectory directory;
  const std::vector<NamedFile> same = {{"--per-start", directory / "new"},
                                       {"--json", directory / "./new"}};
  EXPECT_THAT(complaint_about([&] { check_outputs(same, {}); }),
              HasSubstr("is the file of --per-start, too"));
  const std::vector<NamedFile> different = {{"--per-start", directory / "new"},
                                            {"--json", directory / "newer"}};
  EXPECT_EQ(complaint_about([&] { check_outputs(different, {}); }), "");
}

TEST(NamedFiles, FilesOfATrainingAreNotReplaced) {
  const TemporaryDirectory directory;
  const fs::path run = directory / "run";
  fs::create_directory(run);
  for (const char* const name : {"summary.json", "metrics.csv", "mine.csv", "policy.safetensors"}) {
    write_text(run / name, "agent,environment_steps,updates,\n");
  }
  fs::create_symlink("policy.safetensors", run / "link");
  EXPECT_EQ(refusal_of_files(run / "metrics.csv"), "")
      << "there is no training without config.toml";
  write_text(run / "config.toml", "# A training of polyak\nagents = 1\n");
  for (const char* const name :
       {"summary.json", "metrics.csv", "policy.safetensors", "link", "config.toml"}) {
    EXPECT_THAT(refusal_of_files(run / name), HasSubstr("is a file of the training in that"))
        << name;
  }
  for (const char* const name : {"mine.csv", "policy_best.safetensors", "report.html"}) {
    EXPECT_EQ(refusal_of_files(run / name), "") << name;
  }
}

TEST(NamedFiles, CanBeWritten) {
  const TemporaryDirectory directory;
  write_text(directory / "file", "text");
  fs::create_directory(directory / "folder");
  EXPECT_THAT(refusal_of_files(directory / "none/file"), HasSubstr("there is no directory"));
  EXPECT_THAT(refusal_of_files(directory / "file/below"), HasSubstr("there is no directory"));
  EXPECT_THAT(refusal_of_files(directory / "folder"), HasSubstr("is a directory; give a file"));
  EXPECT_THAT(refusal_of_files("/proc/polyak"),
              HasSubstr("--output /proc/polyak: cannot write into /proc"));
  fs::create_symlink(directory / "none/file", directory / "dangling");
  EXPECT_THAT(refusal_of_files(directory / "dangling"), HasSubstr("there is no directory"));
  EXPECT_EQ(refusal_of_files(directory / "file"), "");
  EXPECT_EQ(refusal_of_files(directory / "folder/new"), "");
  EXPECT_EQ(refusal_of_files("/dev/null"), "");
  EXPECT_EQ(directory.listing(), (std::vector<std::string>{"dangling", "file", "folder"}));
}

}  // namespace
}  // namespace polyak
