// Mean scores by setting.
#include "search/main_effects.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace polyak {
namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double failed_score = -std::numeric_limits<double>::infinity();

TEST(MainEffects, EachValueIsAGroup) {
  const std::vector<double> settings = {1, 0, 1, 0, no_number, 1, 2, 0};
  const std::vector<double> scores = {5, 1, 7, failed_score, 9, no_number, failed_score, 3};
  const std::vector<EffectGroup> groups = effects_by_value(settings, scores);
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_EQ(groups[0].low, 0.0);
  EXPECT_EQ(groups[0].trials, 3u);
  EXPECT_EQ(groups[0].failed, 1u);
  EXPECT_EQ(groups[0].mean, 2.0);
  // 1 and 3: the standard error is 1, Student's quantile with one degree of freedom 12.706.
  EXPECT_NEAR(groups[0].interval.high, 14.706, 0.001);
  EXPECT_EQ(groups[1].mean, 6.0);
  EXPECT_EQ(groups[2].failed, 1u);
  EXPECT_TRUE(std::isnan(groups[2].mean));
}

TEST(MainEffects, QuartilesHaveAsManyTrialsEach) {
  const std::vector<double> settings = {8, 1, 7, 2, 6, 3, 5, 4};
  const std::vector<double> scores = {80, 10, 70, 20, 60, 30, 50, 40};
  const std::vector<EffectGroup> groups = effects_by_quartile(settings, scores);
  ASSERT_EQ(groups.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(groups[i].trials, 2u);
    EXPECT_EQ(groups[i].low, 2.0 * static_cast<double>(i) + 1.0);
    EXPECT_EQ(groups[i].high, groups[i].low + 1.0);
    EXPECT_EQ(groups[i].mean, 10.0 * groups[i].low + 5.0);
  }
}

TEST(MainEffects, EqualSettingsStayTogether) {
  const std::vector<double> settings = {1, 1, 1, 1, 1, 2, 3, 4};
  const std::vector<double> scores = {1, 2, 3, 4, 5, 6, 7, 8};
  std::size_t trials = 0;
  for (const EffectGroup& group : effects_by_quartile(settings, scores)) {
    if (group.low == 1.0) {
      EXPECT_GE(group.trials, 5u);
    }
    trials += group.trials;
  }
  EXPECT_EQ(trials, 8u);
  EXPECT_TRUE(effects_by_quartile({}, {}).empty());
}

TEST(MainEffects, ARangeOfSettingsIsAGroup) {
  const std::vector<double> settings = {1, 2, 3, 4}, scores = {10, 20, 30, no_number};
  const EffectGroup group = effect_between(settings, scores, 2.0, 4.0);
  EXPECT_EQ(group.trials, 2u);
  EXPECT_EQ(group.mean, 25.0);
  EXPECT_EQ(effect_between(settings, scores, 5.0, 6.0).trials, 0u);
}

}  // namespace
}  // namespace polyak
