#include "search/rungs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace polyak {
namespace {

using testing::ElementsAre;

constexpr double failed_trial = -std::numeric_limits<double>::infinity();

TEST(RungSteps, AreTheTotalDividedByPowersOfTheReduction) {
  EXPECT_THAT(rung_steps(8100, 3.0, 300), ElementsAre(300, 900, 2700, 8100));
  EXPECT_THAT(rung_steps(8100, 3.0, 301), ElementsAre(900, 2700, 8100));
  EXPECT_THAT(rung_steps(1000, 2.5, 100), ElementsAre(160, 400, 1000));
  EXPECT_THAT(rung_steps(10, 3.0, 10), ElementsAre(10));
  EXPECT_THAT(rung_steps(5, 1.1, 1),
              ElementsAre(1, 2, 3, 4, 5));  // a rung is longer than the one before
}

TEST(RungSteps, BeginWhenSomethingHasBeenLearned) {
  Config config;
  config.total_steps = 270'000;
  config.learning_starts = 1000;
  EXPECT_EQ(default_first_rung(config), 10'000);
  config.total_steps = 10'000;
  EXPECT_EQ(default_first_rung(config), 1500);
}

std::vector<bool> kept(const std::vector<double>& before, const std::vector<double>& scores,
                       double reduction) {
  return survivors(before, scores, reduction);
}

TEST(Survivors, OfAllTogetherAreTheBestThirdRoundedUp) {
  EXPECT_THAT(kept({}, {5, 1, 4, 2, 6, 3}, 3.0),
              ElementsAre(true, false, false, false, true, false));
  EXPECT_THAT(kept({}, {5, 1, 4, 2, 6, 3, 0}, 3.0),
              ElementsAre(true, false, true, false, true, false, false));
  EXPECT_THAT(kept({}, {1}, 3.0), ElementsAre(true));
  EXPECT_THAT(kept({}, {1, 2, 3}, 1.0), ElementsAre(true, true, true));
}

TEST(Survivors, OfEqualOnesAreTheFirst) {
  EXPECT_THAT(kept({}, {2, 2, 2}, 3.0), ElementsAre(true, false, false));
  EXPECT_THAT(kept({2}, {2, 2}, 3.0), ElementsAre(false, false));
}

// Nine scores: three places. Before were 9, 7 and 5, so that 8 is the second and 6 the fourth.
TEST(Survivors, OfACohortAreHeldAgainstAllThatCameBefore) {
  EXPECT_THAT(kept({9, 7, 5}, {8, 6, 1, 1, 1, 1}, 3.0),
              ElementsAre(true, false, false, false, false, false));
  EXPECT_THAT(kept({1, 1, 1}, {8, 6, 7, 1, 1, 1}, 3.0),
              ElementsAre(true, true, true, false, false, false));
}

TEST(Survivors, AreNoFailures) {
  EXPECT_THAT(kept({}, {failed_trial, failed_trial, 1, failed_trial}, 2.0),
              ElementsAre(false, false, true, false));
  EXPECT_THAT(kept({}, {failed_trial, 1}, 1.0), ElementsAre(false, true));
}

}  // namespace
}  // namespace polyak
