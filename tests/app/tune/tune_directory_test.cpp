// What `polyak tune` does with a directory in which there is something already.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "app/tune/small_tune.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::run_program;
using test::small_search;
using test::TemporaryDirectory;
using test::tune;
using testing::HasSubstr;

TEST(TuneDirectory, ReplacesASearchOnlyIfAsked) {
  const TemporaryDirectory directory;
  ASSERT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 0);
  const ProgramResult refused = tune(directory, {"space.toml", "--output", "found"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("--overwrite to replace the search"));
  EXPECT_EQ(tune(directory, {"space.toml", "--output", "found", "--overwrite"}).exit_code, 0);
  std::filesystem::create_directory(directory / "other");
  test::write_text(directory / "other/notes", "mine");
  const ProgramResult full = tune(directory, {"space.toml", "--output", "other", "--overwrite"});
  EXPECT_EQ(full.exit_code, 2);
  EXPECT_THAT(full.errors, HasSubstr("notes in it is not of a search"));
}

TEST(TuneDirectory, ReplacesNothingThatIsNotOfASearch) {
  const TemporaryDirectory directory;
  ASSERT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 0);
  const std::vector<std::string> again = {"space.toml", "--output", "found", "--overwrite"};
  std::filesystem::create_directory(directory / "found/populations");
  test::write_text(directory / "found/populations/mine", "precious");
  EXPECT_THAT(tune(directory, again).errors, HasSubstr("populations in it is not of a search"));
  std::filesystem::remove(directory / "found/populations/mine");
  std::filesystem::remove(directory / "found/best.toml");
  std::filesystem::create_directory(directory / "found/best.toml");
  EXPECT_THAT(tune(directory, again).errors, HasSubstr("best.toml in it is not of a search"));
  EXPECT_TRUE(std::filesystem::exists(directory / "found/trials.csv"));
  test::write_text(directory / "found/search.json", "{\"a\": 1}");
  EXPECT_THAT(tune(directory, again).errors, HasSubstr("is not of a search"));
  EXPECT_TRUE(std::filesystem::exists(directory / "found/trials.csv"));
}

// Until the newer one has found something, the older one is kept.
TEST(TuneDirectory, WhatReplacesASearchMayFailWithoutLosingIt) {
  const TemporaryDirectory directory;
  ASSERT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 0);
  const auto listing = [&] {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "found")) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  const auto before = listing();
  const std::string trials = test::read_text(directory / "found/trials.csv");
  const std::vector<std::string> again = {"space.toml", "--output", "found", "--overwrite"};
  constexpr std::size_t largest_file = 3000;  // its config.toml is larger
  const ProgramResult failed =
      run_program(small_search({"space.toml", "--output", "found", "--overwrite"}),
                  directory.path(), largest_file);
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.errors, HasSubstr("cannot write found/config.toml"));
  EXPECT_EQ(listing(), before) << failed.errors;
  EXPECT_EQ(test::read_text(directory / "found/trials.csv"), trials);

  // One that was killed when it had just begun; then the one that takes its place finds something.
  const auto aside = directory / "found/.replaced";
  std::filesystem::create_directory(aside);
  std::filesystem::rename(directory / "found/search.json", aside / "search.json");
  std::filesystem::rename(directory / "found/trials.csv", aside / "trials.csv");
  EXPECT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 2);
  EXPECT_EQ(run_program({"tune", "--resume", "found"}, directory.path()).exit_code, 0);
  EXPECT_EQ(listing(), before);
  EXPECT_EQ(test::read_text(directory / "found/trials.csv"), trials);
  EXPECT_EQ(tune(directory, again).exit_code, 0);
  EXPECT_EQ(listing(), before);

  // What somebody else has there stays.
  std::filesystem::create_directory(aside);
  test::write_text(aside / "mine", "precious");
  for (const ProgramResult& refused :
       {tune(directory, again), run_program({"tune", "--resume", "found"}, directory.path())}) {
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.errors, HasSubstr(".replaced in it is not of a search"));
  }
  EXPECT_EQ(test::read_text(aside / "mine"), "precious");
}

// What a process that was killed while it wrote has left.
TEST(TuneDirectory, TemporaryFilesOfAKilledOneGo) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "found");
  test::write_text(directory / "found/.polyak-30353-0.tmp", "");
  EXPECT_EQ(tune(directory, {"space.toml", "--output", "found"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(directory / "found/.polyak-30353-0.tmp"));
}

// Its first file, and what else may be there as long as its config.toml is not.
TEST(TuneDirectory, OneThatWasKilledBeforeItBeganBeginsAnew) {
  const TemporaryDirectory directory;
  test::write_text(directory / "starts.json", R"({"theta": [0.5, 1.0], "theta_dot": [0.0, 0.0]})");
  ASSERT_EQ(
      tune(directory, {"space.toml", "--output", "whole", "--starts", "starts.json"}).exit_code, 0);
  for (const auto& names : std::vector<std::vector<std::string>>{
           {"search.json"}, {"search.json", "space.toml", "starts.json", ".polyak-9-1.tmp"}}) {
    const auto killed = directory / "killed";
    std::filesystem::create_directory(killed);
    for (const std::string& name : names) {
      test::write_text(killed / name, name.ends_with(".tmp")
                                          ? ""
                                          : test::read_text(directory / ("whole/" + name)));
    }
    const ProgramResult resumed = run_program({"tune", "--resume", "killed"}, directory.path());
    EXPECT_EQ(resumed.exit_code, 2);
    EXPECT_THAT(resumed.errors, HasSubstr("cut off before it began; give the command"));
    const ProgramResult again = tune(directory, {"space.toml", "--output", "killed"});
    EXPECT_EQ(again.exit_code, 0) << again.errors;
    EXPECT_FALSE(std::filesystem::exists(killed / "starts.json"));
    EXPECT_EQ(run_program({"tune", "--resume", "killed"}, directory.path()).exit_code, 0);
    std::filesystem::remove_all(killed);
  }
  // With results it has begun, whatever has become of its configuration.
  std::filesystem::remove(directory / "whole/config.toml");
  EXPECT_EQ(tune(directory, {"space.toml", "--output", "whole"}).exit_code, 2);
  EXPECT_TRUE(std::filesystem::exists(directory / "whole/trials.csv"));
}

}  // namespace
}  // namespace polyak
