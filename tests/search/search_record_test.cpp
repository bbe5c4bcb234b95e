// Directories of searches, read back.
#include "search/search_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "polyak/core/error.hpp"
#include "search/search_samples.hpp"

namespace polyak {
namespace {

using test::write_text;
using testing::ElementsAre;
using testing::HasSubstr;

class SearchRecords : public testing::Test {
 protected:
  SearchRecords() { test::write_search(search_); }
  SearchRecord read() const { return read_search(search_); }
  std::string refusal() const {
    try {
      read();
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path search_ = directory_ / "search";
};

TEST_F(SearchRecords, HaveWhatTheFilesSay) {
  const SearchRecord record = read();
  EXPECT_THAT(record.fields, ElementsAre("learning-rate-critic", "algorithm", "target-noise"));
  ASSERT_EQ(record.trials.size(), 7u);
  EXPECT_EQ(record.trials[1].status, TrialStatus::finished);
  EXPECT_EQ(record.trials[1].environment_steps, 3000);
  EXPECT_EQ(record.trials[1].score.worst, -230.0);
  EXPECT_THAT(record.trials[1].settings, ElementsAre("0.001", "td3", "0.1"));
  EXPECT_TRUE(std::isnan(record.trials[4].score.mean));
  EXPECT_EQ(record.trials[6].rung, -1) << "none yet";
  EXPECT_TRUE(record.is_finished());
  ASSERT_EQ(record.rungs.size(), 8u);
  EXPECT_EQ(record.rungs[5].trial, 5u);
  EXPECT_EQ(record.rungs[5].kept, false);
  EXPECT_EQ(record.rungs[7].kept, true);
  ASSERT_EQ(record.confirmations.size(), 2u);
  EXPECT_EQ(record.confirmations[0].trial, 3u) << "by rank";
  EXPECT_EQ(record.confirmations[0].again_score, -185.0);
  EXPECT_EQ(record.confirmations[0].regret, 40.0);
  EXPECT_EQ(record.configured("environment"), "Pendulum-v1");
  EXPECT_TRUE(record.has_best_config);
  EXPECT_TRUE(record.generations.empty());
  EXPECT_EQ(record.option("scheduler"), "asha");
  EXPECT_EQ(record.option("sampler"), "");
}

TEST_F(SearchRecords, GenerationsSayWhomTheyCopied) {
  write_text(search_ / "generations.csv", test::sample_generations);
  const SearchRecord record = read();
  ASSERT_EQ(record.generations.size(), 6u);
  EXPECT_EQ(record.generations[2].copied_from, 0);
  EXPECT_EQ(record.generations[3].copied_from, -1);
  EXPECT_EQ(record.generations[5].settings[0], "0.00125");
}

TEST_F(SearchRecords, TheSpaceSaysWhatIsARange) {
  write_text(search_ / "space.toml",
             "learning-rate-critic = { log = [1e-4, 1e-1] }\nalgorithm = [\"ddpg\", \"td3\"]\n");
  const SearchRecord record = read();
  ASSERT_TRUE(record.space);
  EXPECT_EQ(record.space->fields[0].range->scale, RangeScale::logarithmic);
  EXPECT_EQ(record.space->fields[1].choices.size(), 2u);
}

TEST_F(SearchRecords, OfASearchThatRunsThereIsWhatItHasWritten) {
  for (const char* const name : {"rungs.csv", "confirmations.csv", "summary.json", "best.toml"}) {
    std::filesystem::remove(search_ / name);
  }
  EXPECT_TRUE(holds_part_of_search(search_));
  EXPECT_TRUE(read().rungs.empty());
  EXPECT_FALSE(read().has_best_config);
  // A trial that trials.csv does not know of yet, and a row in part.
  write_text(search_ / "rungs.csv", test::sample_rungs + "0,1000,99,-5,1,-6,1\n0,10");
  EXPECT_EQ(read().rungs.size(), 8u);
  write_text(search_ / "rungs.csv", test::sample_rungs + "1,3000,5,-5,1,-6,\n");
  EXPECT_EQ(read().rungs.back().kept, std::nullopt);
}

TEST_F(SearchRecords, HalfOfOneIsRefused) {
  std::filesystem::remove(search_ / "search.json");
  EXPECT_TRUE(holds_part_of_search(search_));
  EXPECT_THAT(refusal(), HasSubstr("holds no whole search of polyak: there is no search.json"));
  write_text(search_ / "search.json", "{}");
  std::filesystem::remove(search_ / "trials.csv");
  EXPECT_THAT(refusal(), HasSubstr("there is no trials.csv in it"));
  std::filesystem::remove(search_ / "search.json");
  EXPECT_FALSE(holds_part_of_search(search_));
}

TEST_F(SearchRecords, DamagedFilesAreRefusedWithTheirPlace) {
  const auto refused = [&](const std::string& name, const std::string& text,
                           const std::string& expected) {
    test::write_search(search_);
    write_text(search_ / name, text);
    EXPECT_THAT(refusal(), HasSubstr(name + ": " + expected)) << text;
  };
  const std::string header = test::sample_trials.substr(0, test::sample_trials.find('\n') + 1);
  refused("search.json", "[]", "is no JSON object");
  refused("search.json", "{", "it is no JSON");
  refused("summary.json", "3", "is no JSON object");
  refused("trials.csv", "trial,score\n", "its first line does not begin with trial,status");
  refused("trials.csv", header + "0,lost,0,1,1,4,,,,1,ddpg,\n", "line 2: 'lost' is no status");
  refused("trials.csv", header + "0,waiting,0,1,1,x,,,,1,ddpg,\n", "line 2: 'x' is no seeds");
  refused("trials.csv", test::sample_trials + "3,waiting,,,,4,,,,1,ddpg,\n",
          "line 9: trial 3 is there twice");
  refused("rungs.csv", test::sample_rungs + "0,1,1,-1,1,-1,2\n", "line 10: '2' is no kept");
  refused("rungs.csv", test::sample_rungs + "0,1,1\n", "line 10: 3 values instead of 7");
  refused("confirmations.csv", test::sample_confirmations + "3,77,-1,1,-1,1,4,-1,1,-1,,,1,ddpg,\n",
          "line 4: '77' is no trial");
  refused("confirmations.csv",
          "rank,trial,search_score,search_standard_error,again_score,again_standard_error,seeds,"
          "score,standard_error,worst,regret,regret_standard_error,tau\n",
          "its options are not those of trials.csv");
  refused("generations.csv", test::sample_generations + "2,3000,0,x,,1,td3,1\n",
          "line 8: 'x' is no score");
}

}  // namespace
}  // namespace polyak
