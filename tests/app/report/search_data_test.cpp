// The tables of a search, put in order.
#include "app/report/search_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "app/output/format.hpp"
#include "app/report/importance_figures.hpp"
#include "app/report/lineage.hpp"
#include "search/search_samples.hpp"

namespace polyak {
namespace {

using testing::ElementsAre;

class SearchDataTest : public testing::Test {
 protected:
  SearchDataTest() { test::write_search(search_); }
  SearchRecord read() const { return read_search(search_); }

  test::TemporaryDirectory directory_;
  std::filesystem::path search_ = directory_ / "search";
};

TEST_F(SearchDataTest, TrialsAreInTheOrderOfRungsAndScores) {
  const SearchRecord record = read();
  const SearchData data = search_data(record);
  EXPECT_THAT(data.order, ElementsAre(3, 1, 5, 0, 2, 4, 6));
  EXPECT_EQ(data.winner, 3u);
  ASSERT_EQ(data.rungs.size(), 2u);
  EXPECT_EQ(data.rungs[0].count, 5u);
  EXPECT_EQ(data.rungs[1].count, 2u);
  EXPECT_FALSE(data.high_rung) << "two trials are not enough to compare";
  EXPECT_EQ(failed_trials(record), 1u);
}

TEST_F(SearchDataTest, WhatWasConfirmedAsTheBestIsTheWinner) {
  std::string text = test::sample_confirmations;
  text.replace(text.find("\n2,1"), 4, "\n9,1");
  text.replace(text.find("\n1,3"), 4, "\n2,3");
  text.replace(text.find("\n9,1"), 4, "\n1,1");
  test::write_text(search_ / "confirmations.csv", text);
  const SearchRecord record = read();
  EXPECT_EQ(search_data(record).winner, 1u);
}

TEST_F(SearchDataTest, ThoseThatFailedAreTheLastAtTheLowestRung) {
  const SearchRecord record = read();
  const SearchData data = search_data(record);
  const std::vector<double> low = comparable_scores(data, 0), high = comparable_scores(data, 1);
  EXPECT_EQ(low[0], -900.0) << "at that rung";
  EXPECT_EQ(low[1], -500.0) << "and not where it ended";
  EXPECT_EQ(low[4], -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(low[6])) << "it runs";
  EXPECT_TRUE(std::isnan(high[4]));
}

TEST_F(SearchDataTest, FieldsAreNumbersOrChoices) {
  const SearchRecord record = read();
  const SearchData data = search_data(record);
  ASSERT_EQ(data.fields.size(), 3u);
  EXPECT_TRUE(data.fields[0].axis.is_logarithmic);
  EXPECT_DOUBLE_EQ(data.fields[0].axis.low, 1e-4);
  EXPECT_DOUBLE_EQ(data.fields[0].axis.high, 0.5);
  EXPECT_THAT(data.fields[1].axis.choices, ElementsAre("ddpg", "td3"));
  EXPECT_THAT(data.fields[1].values, ElementsAre(0, 1, 0, 1, 0, 1, 0));
  EXPECT_TRUE(data.fields[1].is_ordered) << "of two choices one is the higher";
  EXPECT_FALSE(data.fields[2].axis.is_logarithmic);
  EXPECT_TRUE(std::isnan(data.fields[2].values[0]));
  for (std::size_t trial = 0; trial < 7; ++trial) {
    EXPECT_LT(std::abs(shown_value(data.fields[1], trial) - data.fields[1].values[trial]), 0.3);
  }
  EXPECT_EQ(shown_value(data.fields[0], 1), 0.001);
}

TEST_F(SearchDataTest, FewNumbersAreChoicesInTheirOrder) {
  std::string text = test::sample_trials.substr(0, test::sample_trials.find('\n') + 1);
  for (int trial = 0; trial < 12; ++trial) {
    const char* const size = trial % 3 == 0   ? "\"256,256\""
                             : trial % 3 == 1 ? "\"64,64\""
                                              : "\"8,8\"";
    text += std::to_string(trial) + ",stopped,0,10,1,1,-1,,-1," + (trial % 2 == 0 ? "1000" : "64") +
            "," + size + ",0.5\n";
  }
  test::write_text(search_ / "trials.csv", text);
  const SearchRecord record = read();
  const SearchData data = search_data(record);
  ASSERT_EQ(data.fields.size(), 2u) << "what is the same in all trials is not searched";
  EXPECT_THAT(data.fields[0].axis.choices, ElementsAre("64", "1,000"));
  EXPECT_THAT(data.fields[1].axis.choices, ElementsAre("8,8", "64,64", "256,256"));
  EXPECT_FALSE(data.fields[1].is_ordered);
}

TEST_F(SearchDataTest, WithoutRungsTrialsAreComparedWhereTheyEnded) {
  std::filesystem::remove(search_ / "rungs.csv");
  const SearchRecord record = read();
  const SearchData data = search_data(record);
  ASSERT_EQ(data.rungs.size(), 1u);
  EXPECT_EQ(data.rungs[0].count, 5u);
  EXPECT_EQ(data.rungs[0].scores[1], -200.0);
}

TEST_F(SearchDataTest, TheStrongestCorrelationComesFirst) {
  const SearchRecord record = read();
  const SearchData data = search_data(record);
  const std::vector<FieldImportance> all = importances(data);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].field, 1u);
  EXPECT_NEAR(all[0].low.coefficient, 0.8783100656536799, 1e-14);  // scipy.stats.spearmanr
  // Of six trials: the rates' ranks are 1 2 5 3 6 4, the scores' 3 5 2 6 1 4, failed first.
  EXPECT_EQ(all[1].field, 0u);
  EXPECT_NEAR(all[1].low.coefficient, -0.6, 1e-14);
  EXPECT_EQ(all[1].low.pairs, 6u);
  EXPECT_EQ(all[2].field, 2u);
  EXPECT_TRUE(std::isnan(all[0].high.coefficient));
}

TEST(ScoreAxis, WhatIsFarBelowHasNoRoom) {
  const Axis near = score_axis({-100.0, -200.0, -300.0});
  EXPECT_LT(near.low, -300.0);
  const Axis far = score_axis({-100.0, -200.0, -1e9});
  EXPECT_NEAR(far.low, -600.0, 20.0);
  EXPECT_GT(far.high, -100.0);
}

TEST(Lineage, AncestorsAreThoseWhoseLearningWasCopied) {
  test::TemporaryDirectory directory;
  test::write_search(directory / "search");
  test::write_text(directory / "search/generations.csv", test::sample_generations);
  const SearchRecord record = read_search(directory / "search");
  EXPECT_THAT(ancestry_of(2, record.generations), ElementsAre(0, 5));
  EXPECT_THAT(ancestry_of(1, record.generations), ElementsAre(1, 4));
  EXPECT_THAT(ancestry_of(99, record.generations), ElementsAre(0, 5)) << "the best";
  EXPECT_TRUE(ancestry_of(0, {}).empty());
}

TEST(FormatSetting, HasThreeDigits) {
  EXPECT_EQ(format_setting("0.0021453162"), "0.00215");
  EXPECT_EQ(format_setting("3.2e-05"), "3.2e-5");
  EXPECT_EQ(format_setting("100000"), "100,000");
  EXPECT_EQ(format_setting("64,64"), "64,64");
  EXPECT_EQ(format_setting(""), "-");
}

}  // namespace
}  // namespace polyak
