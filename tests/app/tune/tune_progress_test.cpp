// The progress line of a search.
#include "app/tune/tune_progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace polyak {
namespace {

SearchProgress progress_of(double agents_per_second) {
  SearchProgress progress;
  progress.stage = "rung 1 of 2";
  progress.alive = 21;
  progress.best = TrialScore{-148.23, 3.14, -160.0};
  progress.agent_steps = 1000;
  progress.agent_steps_left = 3000;
  progress.agents_per_second = agents_per_second;
  progress.seconds_left = 90.0;
  return progress;
}

TEST(TuneProgress, SaysHowFarItIsAndWhatItFound) {
  EXPECT_THAT(search_progress_parts(progress_of(12.34)),
              testing::ElementsAre("rung 1 of 2 (25%, 1:30 left)", "21 candidates",
                                   "best -148.2 (standard error 3.1)", "12.3 agents/s"));
  SearchProgress one_seed = progress_of(1.0);
  one_seed.alive = 1;
  one_seed.best->standard_error = std::nan("");
  EXPECT_THAT(search_progress_parts(one_seed),
              testing::ElementsAre(testing::_, "1 candidate", "best -148.2", "1 agents/s"));
  SearchProgress interrupted = progress_of(0.0);  // before its first report
  EXPECT_THAT(search_progress_parts(interrupted),
              testing::ElementsAre("rung 1 of 2 (25%)", testing::_, testing::_));
}

TEST(TuneProgress, SlowSearchesHaveRatesAboveNothing) {
  const auto rate = [](double per_second) {
    return search_progress_parts(progress_of(per_second)).back();
  };
  EXPECT_EQ(rate(12345.0), "12.3 k agents/s");
  EXPECT_EQ(rate(1.4), "1.4 agents/s");
  EXPECT_EQ(rate(0.4), "24 agents/min");
  EXPECT_EQ(rate(0.0021), "7.56 agents/h");
  EXPECT_EQ(rate(0.0001), "0.36 agents/h");
}

}  // namespace
}  // namespace polyak
