// Intervals of scores against SciPy 1.17 and tables of the binomial distribution.
#include "search/score_intervals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

TEST(ScoreIntervals, StudentsQuantilesAreSciPys) {
  for (const auto& [degrees, expected] :
       std::vector<std::pair<std::size_t, double>>{{1, 12.706204736},
                                                   {2, 4.302652730},
                                                   {3, 3.182446305},
                                                   {4, 2.776445105},
                                                   {7, 2.364624252},
                                                   {9, 2.262157163},
                                                   {30, 2.042272456},
                                                   {1000, 1.962339081}}) {
    EXPECT_NEAR(student_quantile(degrees), expected, 0.002 * expected) << degrees;
  }
}

TEST(ScoreIntervals, OfAMeanItIsSciPys) {
  const Estimate mean = estimate(std::vector<double>{3, 1, 4, 1, 5});
  const ConfidenceInterval interval = mean_interval(mean.mean, mean.standard_error, 5);
  EXPECT_NEAR(interval.low, 0.5788439, 0.002);  // scipy.stats.t.interval(0.95, 4, 2.8, 0.8)
  EXPECT_NEAR(interval.high, 5.0211561, 0.002);
  EXPECT_TRUE(std::isnan(mean_interval(2.0, 0.5, 1).low));
  EXPECT_TRUE(std::isnan(mean_interval(2.0, std::nan(""), 9).low));
}

/// first, first + 1, ..., last
std::vector<double> numbers(int first, int last) {
  std::vector<double> values(static_cast<std::size_t>(last - first + 1));
  std::iota(values.begin(), values.end(), first);
  return values;
}

// Halves of 3 and 4: 5 for the difference.
TEST(ScoreIntervals, MeansDifferBeyondTheirErrors) {
  const ConfidenceInterval one{-3.0, 3.0};
  EXPECT_EQ(differ(one, {0.9, 8.9}), std::optional(false));
  EXPECT_EQ(differ(one, {1.1, 9.1}), std::optional(true));
  EXPECT_EQ(differ({1.1, 9.1}, one), std::optional(true));
  EXPECT_EQ(differ(one, mean_interval(100.0, 1.0, 1)), std::nullopt) << "one seed has no error";
}

TEST(ScoreIntervals, AMedianIsBetweenTheValuesThatTheBinomialDistributionSays) {
  // P(X <= k - 1) <= 0.025 of X from Binomial(n, 1/2): k is 1 for 6, 2 for 9, 6 for 20, 40 for 100.
  for (const auto& [count, first] :
       std::vector<std::pair<int, int>>{{6, 1}, {8, 1}, {9, 2}, {20, 6}, {100, 40}}) {
    const MedianEstimate result = estimate_median(numbers(1, count));
    EXPECT_EQ(result.median, 0.5 * (count + 1));
    EXPECT_EQ(result.interval.low, first) << count;
    EXPECT_EQ(result.interval.high, count + 1 - first) << count;
  }
  EXPECT_TRUE(std::isnan(estimate_median({1, 2, 3, 4, 5}).interval.low));
  EXPECT_EQ(estimate_median({7}).median, 7.0);
  const MedianEstimate many = estimate_median(numbers(1, 3000));
  EXPECT_NEAR(many.interval.low, 1500.5 - 1.96 * std::sqrt(750.0), 1.5);
}

TEST(ScoreIntervals, RunningMediansAreThoseOfTheirWindows) {
  // y is x but for every third one, which a median does not see.
  std::vector<double> x = numbers(1, 90), y = x;
  for (std::size_t i = 0; i < y.size(); i += 3) y[i] = -1000.0;
  for (std::size_t i = 1; i < y.size(); i += 3) y[i] = 1000.0;
  x.push_back(std::nan(""));
  y.push_back(5.0);
  const std::vector<RunningMedian> result = running_medians(x, y, 6);
  ASSERT_EQ(result.size(), 6u);
  // Windows of 15 pairs, the first from 1 to 15, the last from 76 to 90: five of their y are x.
  EXPECT_EQ(result.front().x, 8.0);
  EXPECT_EQ(result.front().y.median, 9.0);
  EXPECT_EQ(result.back().x, 83.0);
  EXPECT_EQ(result.back().y.median, 84.0);
  for (std::size_t i = 1; i < result.size(); ++i) EXPECT_GT(result[i].x, result[i - 1].x);
}

TEST(ScoreIntervals, OfFewPairsThereAreNoRunningMedians) {
  EXPECT_TRUE(running_medians(numbers(1, 29), numbers(1, 29), 5).empty());
  const std::vector<RunningMedian> one = running_medians(numbers(1, 30), numbers(1, 30), 1);
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].y.median, 8.0);
}

}  // namespace
}  // namespace polyak
