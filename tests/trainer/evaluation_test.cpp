#include "trainer/evaluation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"
#include "polyak/environment/vector_step.hpp"

namespace polyak {
namespace {

TEST(Evaluation, StatisticsOfKnownNumbers) {
  const std::vector<float> returns = {4.0f, 1.0f, 3.0f, 8.0f};
  const ReturnStatistics statistics = summarise_returns(returns);
  EXPECT_EQ(statistics.episodes, 4);
  EXPECT_DOUBLE_EQ(statistics.mean, 4.0);
  // Squared deviations 0, 9, 1, 16: variance 26 / 3, divided by 4 for the mean.
  EXPECT_DOUBLE_EQ(statistics.standard_error, std::sqrt(26.0 / 3.0 / 4.0));
  EXPECT_DOUBLE_EQ(statistics.median, 3.5);
  EXPECT_DOUBLE_EQ(statistics.worst, 1.0);
  EXPECT_DOUBLE_EQ(statistics.best, 8.0);
}

TEST(Evaluation, MedianOfAnOddNumberAndErrorOfOne) {
  const std::vector<float> three = {5.0f, -1.0f, 2.0f};
  EXPECT_DOUBLE_EQ(summarise_returns(three).median, 2.0);
  const std::vector<float> one = {5.0f};
  EXPECT_DOUBLE_EQ(summarise_returns(one).mean, 5.0);
  EXPECT_TRUE(std::isnan(summarise_returns(one).standard_error));
}

TEST(Evaluation, RegretIsBestMinusReturn) {
  const std::vector<float> returns = {-100.0f, -3.0f};
  const std::vector<double> best = {-90.0, -2.5};
  EXPECT_EQ(regrets(returns, best), (std::vector<double>{10.0, 0.5}));
}

TEST(Evaluation, StartsRepeatAndComeFromTheResetDistribution) {
  const std::vector<float> parameters = {10.0f};
  const std::vector<float> starts = draw_starts("Pendulum-v1", parameters, 5, 1000);
  ASSERT_EQ(starts.size(), 2000u);
  EXPECT_EQ(starts, draw_starts("Pendulum-v1", parameters, 5, 1000));
  EXPECT_NE(starts, draw_starts("Pendulum-v1", parameters, 6, 1000));
  double mean_square = 0.0;
  for (std::size_t i = 0; i < starts.size(); i += 2) {
    ASSERT_LE(std::abs(starts[i]), 3.1415927f);
    ASSERT_LE(std::abs(starts[i + 1]), 1.0f);
    mean_square += static_cast<double>(starts[i] * starts[i]) / 1000.0;
  }
  EXPECT_NEAR(mean_square, 3.29, 0.3);  // pi^2 / 3; the standard error is 0.09
}

TEST(Evaluation, MoreStartsBeginWithTheSameOnes) {
  const std::vector<float> parameters = {10.0f};
  const std::vector<float> few = draw_starts("Pendulum-v1", parameters, 5, 3);
  std::vector<float> many = draw_starts("Pendulum-v1", parameters, 5, 300);
  many.resize(few.size());
  EXPECT_EQ(few, many);
}

TEST(Evaluation, StartsAreNotThoseOfTheTraining) {
  const std::vector<float> parameters = {10.0f};
  const std::vector<float> starts = draw_starts("Pendulum-v1", parameters, 5, 1);
  const Pendulum::State trained = Pendulum::reset(
      {10.0f}, environment_random(PhiloxRandom{5}, 0, 0, Purpose::environment_reset));
  EXPECT_NE(starts[0], trained.theta);
}

TEST(Evaluation, UnknownEnvironmentIsRefused) {
  EXPECT_THROW(draw_starts("Acrobot-v1", {}, 0, 1), UsageError);
}

}  // namespace
}  // namespace polyak
