// Rank correlations against SciPy 1.17.
#include "search/rank_correlation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace polyak {
namespace {

constexpr double not_there = std::numeric_limits<double>::quiet_NaN();
constexpr double least = -std::numeric_limits<double>::infinity();

const std::vector<double> settings = {1.2, 3.4, 2.2, 5.0, 4.1, 4.1, 0.3, 7.7};
const std::vector<double> scores = {10, 30, 20, 30, 60, 50, 5, 40};

TEST(RankCorrelation, EqualValuesShareTheirRanks) {
  EXPECT_THAT(average_ranks(settings), testing::ElementsAre(2, 4, 3, 7, 5.5, 5.5, 1, 8));
  EXPECT_THAT(average_ranks(std::vector<double>{5, 5, 5}), testing::ElementsAre(2, 2, 2));
  EXPECT_THAT(average_ranks(std::vector<double>{0, least, least, 1}),
              testing::ElementsAre(3, 1.5, 1.5, 4));
}

TEST(RankCorrelation, IsSciPys) {
  const RankCorrelation result = rank_correlation(settings, scores);
  EXPECT_EQ(result.pairs, 8u);
  EXPECT_NEAR(result.coefficient, 0.7710843373493975, 1e-14);  // scipy.stats.spearmanr
  // numpy.tanh(numpy.arctanh(r) -+ 1.96 sqrt((1 + r^2 / 2) / (n - 3)))
  EXPECT_NEAR(result.low, 0.0246462869390508, 1e-12);
  EXPECT_NEAR(result.high, 0.9655048153870847, 1e-12);
  EXPECT_NEAR(
      rank_correlation(std::vector<double>{1, 2, 3, 4, 5}, std::vector<double>{5, 6, 7, 8, 7})
          .coefficient,
      0.8207826816681233, 1e-14);
}

TEST(RankCorrelation, WhatIsNotThereIsLeftOutAndWhatFailedComesLast) {
  std::vector<double> more = settings, with_failed = scores;
  more.push_back(not_there);
  with_failed.push_back(1000.0);
  more.push_back(100.0);
  with_failed.push_back(not_there);
  EXPECT_EQ(rank_correlation(more, with_failed).coefficient,
            rank_correlation(settings, scores).coefficient);
  EXPECT_EQ(rank_correlation(more, with_failed).pairs, 8u);
  const RankCorrelation failing =
      rank_correlation(std::vector<double>{1, 2, 3, 4}, std::vector<double>{7, 5, least, least});
  EXPECT_NEAR(failing.coefficient, -0.9486832980505138, 1e-14) << "of ranks 4, 3, 1.5, 1.5";
}

TEST(RankCorrelation, OfTooLittleThereIsNone) {
  EXPECT_TRUE(std::isnan(rank_correlation({}, {}).coefficient));
  const std::vector<double> three = {1, 2, 3}, same = {5, 5, 5};
  EXPECT_EQ(rank_correlation(three, three).coefficient, 1.0);
  EXPECT_TRUE(std::isnan(rank_correlation(three, three).low));
  EXPECT_TRUE(std::isnan(rank_correlation(three, same).coefficient));
}

}  // namespace
}  // namespace polyak
