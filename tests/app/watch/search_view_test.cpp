// watch of a search.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/program.hpp"
#include "io/directory_claim.hpp"
#include "search/search_samples.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using testing::HasSubstr;

class WatchSearch : public testing::Test {
 protected:
  WatchSearch() { test::write_search(directory_ / "run"); }
  ProgramResult watch(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"watch", "run"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run_program(arguments, directory_.path(), [] { ::setenv("LC_ALL", "C", 1); });
  }

  test::TemporaryDirectory directory_;
};

TEST_F(WatchSearch, ItsRungsAndBestTrialsAreShown) {
  const ProgramResult result = watch({});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output,
              testing::StartsWith("run  Pendulum-v1  search finished\n"
                                  "7 trials: 1 running, 3 stopped, 2 finished, 1 failed\n"));
  EXPECT_THAT(result.output,
              HasSubstr("\nconfirmed  trial   score  error  learning-rate-critic  algorithm  "
                        "target-noise\n"
                        "1              3  -180.0    5.0                 0.002        td3"));
  EXPECT_THAT(result.output, HasSubstr("\nrung  steps  trials  went on    best\n"
                                       "0     1,000       6        2  -450.0\n"
                                       "1     3,000       2        2  -150.0\n"));
  EXPECT_THAT(result.output, HasSubstr("\n3      finished     1  -150.0"));
  EXPECT_THAT(result.output, HasSubstr("\n2       stopped     0  -1,000"));
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) EXPECT_LT(line.size(), 80u) << line;
}

// Where all have failed, or nothing is decided, there is no number.
TEST_F(WatchSearch, WhatIsNotKnownOfARung) {
  test::write_text(directory_ / "run/rungs.csv",
                   "rung,environment_steps,trial,score,standard_error,worst,kept\n"
                   "0,1000,0,,,,0\n0,1000,1,,,,0\n1,3000,2,-5,,-5,\n");
  EXPECT_THAT(watch({}).output, HasSubstr("\n0     1,000       2        0       -\n"
                                          "1     3,000       1        -  -5.000\n"));
  const auto rungs = nlohmann::json::parse(watch({"--json"}).output)["rungs"];
  EXPECT_TRUE(rungs[0]["best_score"].is_null());
  EXPECT_EQ(rungs[0]["kept"], 0);
  EXPECT_TRUE(rungs[1]["kept"].is_null());
}

TEST_F(WatchSearch, AsJson) {
  const DirectoryClaim search = DirectoryClaim::named(directory_ / "run");
  const ProgramResult result = watch({"--json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto written = nlohmann::json::parse(result.output);
  EXPECT_EQ(written["state"], "running");
  EXPECT_EQ(written["trials"]["stopped"], 3);
  EXPECT_EQ(written["rungs"][0]["trials"], 6);
  EXPECT_EQ(written["rungs"][1]["best_score"], -150.0);
  ASSERT_EQ(written["best"].size(), 5u) << "those with a score";
  EXPECT_EQ(written["best"][0]["settings"]["target-noise"], 0.2);
  EXPECT_EQ(written["best"][0]["settings"]["algorithm"], "td3");
  ASSERT_EQ(written["confirmed"].size(), 2u);
  EXPECT_EQ(written["confirmed"][0]["trial"], 3);
  EXPECT_EQ(written["confirmed"][0]["score"], -180.0);
}

TEST_F(WatchSearch, OneThatBeginsIsWaitedFor) {
  std::filesystem::remove(directory_ / "run/trials.csv");
  EXPECT_EQ(watch({}).exit_code, 2);
  const DirectoryClaim search = DirectoryClaim::named(directory_ / "run");
  const ProgramResult result = watch({});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, "run  begins\nno report yet\n");
}

}  // namespace
}  // namespace polyak
