// A disk that fills during `polyak tune`, from any write on: one line that says how to go on, and
// who goes on so once there is room again gets the results of the search that nothing stopped.
#include <gtest/gtest.h>

#include <algorithm>

#include "app/tune/small_tune.hpp"
#include "faults/failing_program.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::read_text;
using test::TemporaryDirectory;

constexpr const char* result_files[] = {"trials.csv", "rungs.csv", "confirmations.csv",
                                        "best.toml"};

std::vector<std::string> small_tune() {
  return test::small_search({"space.toml", "--output", "search", "--quiet", "--seeds", "2",
                             "--first-rung", "200", "--trials", "3", "--confirm", "1"});
}

TEST(SearchFaults, AfterAFullDiskTheSearchGoesOn) {
  const TemporaryDirectory whole;
  test::write_text(whole / "space.toml", test::small_space);
  ASSERT_EQ(test::run_program(small_tune(), whole.path()).exit_code, 0);
  long resumed = 0;
  for (long number = 1; !HasFailure(); ++number) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, std::to_string(number));
    const TemporaryDirectory directory;
    test::write_text(directory / "space.toml", test::small_space);
    const ProgramResult full = test::run_with({"write", number, "always"}, small_tune(), directory);
    if (!test::happened(directory)) break;
    ASSERT_EQ(full.exit_code, 1) << full.errors;
    EXPECT_EQ(std::count(full.errors.begin(), full.errors.end(), '\n'), 1) << full.errors;
    const bool says_how = full.errors.ends_with("; to go on: polyak tune --resume search\n");
    const ProgramResult next =
        says_how ? test::run_program({"tune", "--resume", "search", "--quiet"}, directory.path())
                 : test::run_program(small_tune(), directory.path());
    resumed += says_how ? 1 : 0;
    EXPECT_EQ(next.exit_code, 0) << full.errors << next.errors;
    for (const char* const file : result_files) {
      EXPECT_EQ(read_text(directory / "search" / file), read_text(whole / "search" / file)) << file;
    }
  }
  EXPECT_GT(resumed, 5);
}

}  // namespace
}  // namespace polyak
