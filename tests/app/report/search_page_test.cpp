// Pages of searches. tests/packaging/test_report.py opens a larger one in a browser.
#include "app/report/search_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/program.hpp"
#include "app/report/occurrences.hpp"
#include "io/run_files.hpp"
#include "search/search_samples.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::read_text;
using test::write_text;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SearchPage : public testing::Test {
 protected:
  SearchPage() { test::write_search(search_); }
  std::string page() const { return search_page(read_search(search_)); }
  ProgramResult report(const std::vector<std::string>& arguments) const {
    std::vector<std::string> words = {"report"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return test::run_program(words, directory_.path());
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path search_ = directory_ / "search";
};

TEST_F(SearchPage, SaysWhatWasFoundAndHowSureItIs) {
  const std::string text = page();
  EXPECT_THAT(text, testing::StartsWith(std::string(report_beginning)));
  EXPECT_THAT(text,
              HasSubstr("Pendulum-v1: 7 trials of 3 searched options, asynchronous successive "
                        "halving; 4 seeds a trial, up to 3,000 environment steps each."));
  EXPECT_THAT(text, HasSubstr("The best setting is trial 3: learning-rate-critic 0.002, algorithm "
                              "td3, target-noise 0.2."));
  // Student's quantile is 3.182 for 4 seeds, 2.262 for 10.
  EXPECT_THAT(text,
              HasSubstr("In the search it had -150.0 (-175.4 to -124.6); with 10 fresh seeds, "
                        "from the same start states, it has -185.0 (-198.6 to -171.4). "
                        "The difference of 35.0 is the winner's curse"));
  EXPECT_THAT(text,
              HasSubstr("From other start states it has -180.0 (-191.3 to -168.7), the figure "
                        "to quote. Over the 2 settings that were confirmed, the search's "
                        "scores are on average 15.0 above those with fresh seeds."));
  EXPECT_THAT(text, HasSubstr("polyak train --config " + (search_ / "best.toml").string()));
  EXPECT_THAT(text, HasSubstr("1 failed"));
}

// What no trial has yet is no zero.
TEST_F(SearchPage, OneThatGoesOnSaysSo) {
  for (const char* const name : {"summary.json", "rungs.csv", "confirmations.csv", "best.toml"}) {
    std::filesystem::remove(search_ / name);
  }
  const std::string header = test::sample_trials.substr(0, test::sample_trials.find('\n') + 1);
  write_text(search_ / "trials.csv", header + "0,running,,,,4,,,,0.03,ddpg,\n");
  const std::string text = page();
  EXPECT_THAT(text,
              HasSubstr("4 seeds a trial, up to 3,000 environment steps each; not finished."));
  EXPECT_THAT(text, HasSubstr("<td>running</td>\n<td>-</td>\n<td>-</td>\n<td>-</td>"));
  EXPECT_THAT(text, HasSubstr("<dt>environment steps</dt>\n<dd>0</dd>"));
}

// 20.0, of intervals whose halves are 25.4 and 13.6.
TEST_F(SearchPage, ADifferenceWithinTheErrorsIsNoCurse) {
  std::string rows = test::sample_confirmations;
  const std::size_t again = rows.find("-185,");
  ASSERT_NE(again, std::string::npos) << rows;
  write_text(search_ / "confirmations.csv", rows.replace(again, 5, "-170,"));
  EXPECT_THAT(page(), AllOf(HasSubstr("The difference of 20.0 is within their errors. "),
                            Not(HasSubstr("winner's curse"))));
}

// A score at a lower rung is none to compare with that of a whole training.
TEST_F(SearchPage, WhatTheSearchStoppedSaysNothingOfLuck) {
  const std::string stopped = "3,5,-800,25,-190,5,10,-185,4,-215,50,4,0.01,td3,0.3\n";
  write_text(search_ / "confirmations.csv", test::sample_confirmations + stopped);
  EXPECT_THAT(page(), HasSubstr("Over the 2 settings that were confirmed and that it had trained "
                                "to the end, the search's scores are on average 15.0 above"));
  const std::size_t rows = test::sample_confirmations.find('\n') + 1;
  write_text(search_ / "confirmations.csv",
             test::sample_confirmations.substr(0, rows) + "1" + stopped.substr(1));
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("In the search, which stopped it on the way, it had -800.0 ("));
  EXPECT_THAT(text, Not(HasSubstr("winner's curse")));
  EXPECT_THAT(text, Not(HasSubstr("was not too high")));
}

// A cell too few would put all behind it under others' names.
TEST_F(SearchPage, RowsAreAsLongAsTheirTablesHeads) {
  const std::string text = page();
  std::size_t columns = 0, rows = 0;
  for (std::size_t at = text.find("<tr>"); at != std::string::npos;
       at = text.find("<tr>", at + 1)) {
    const std::string row = text.substr(at, text.find("</tr>", at) - at);
    const std::size_t heads = test::occurrences(row, "<th>");
    if (heads > 0) columns = heads;
    EXPECT_EQ(heads + test::occurrences(row, "<td>"), columns) << row;
    ++rows;
  }
  EXPECT_GT(rows, 10u);
}

TEST_F(SearchPage, HasTheTablesNumbers) {
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("<td>1</td>\n<td>3</td>\n<td>-180.0 (-191.3 to -168.7)</td>\n"
                              "<td>-220.0</td>\n<td>-185.0 (-198.6 to -171.4)</td>\n"
                              "<td>-150.0 (-175.4 to -124.6)</td>\n"
                              "<td>40.0 (28.7 to 51.3)</td>\n<td>0.002</td>\n<td>td3</td>"));
  // The first rung: five trials, two went on, the lowest of them with -500; its order has that of
  // the last one, but two trials have no interval. The best setting was the first.
  EXPECT_THAT(text,
              HasSubstr("<td>0</td>\n<td>1,000</td>\n<td>5</td>\n<td>2</td>\n<td>-800.0</td>\n"
                        "<td>-450.0</td>\n<td>-500.0</td>\n<td>1.00</td>\n<td>1</td>"));
  EXPECT_THAT(text, HasSubstr("The best setting was number 1 of 5 there."));
  EXPECT_THAT(text, HasSubstr("data-row=\"1: trial 3\""));
}

TEST_F(SearchPage, WhatIsNotThereYetIsLeftOut) {
  for (const char* const name :
       {"confirmations.csv", "rungs.csv", "summary.json", "best.toml", "config.toml"}) {
    std::filesystem::remove(search_ / name);
  }
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("No setting has been trained again with fresh seeds yet"));
  EXPECT_THAT(text, HasSubstr("winner's curse"));
  EXPECT_THAT(text, Not(HasSubstr("polyak train --config")));
  EXPECT_THAT(text, Not(HasSubstr("<h2>Rungs</h2>")));
  EXPECT_THAT(text, Not(HasSubstr("<h2>Lineage</h2>")));
  write_text(search_ / "trials.csv",
             "trial,status,rung,environment_steps,updates,seeds,score,"
             "standard_error,worst,tau\n0,running,,,,4,,,,0.1\n");
  EXPECT_THAT(page(), HasSubstr("No trial has a score yet."));
}

TEST_F(SearchPage, OfAPopulationItHasTheLineage) {
  std::filesystem::remove(search_ / "rungs.csv");
  write_text(search_ / "generations.csv", test::sample_generations);
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("3 members over 2 generations with 1 copy; the best member's "
                              "learning moved once from one member to another."));
  EXPECT_THAT(text, HasSubstr("data-line=\"ancestors\""));
  EXPECT_THAT(text, HasSubstr("The best schedule is that of member 3, which ends with "));
  EXPECT_THAT(text, HasSubstr("<h2>The best schedules, confirmed</h2>"));
  EXPECT_THAT(text, HasSubstr("<h2>All members</h2>"));
  for (const char* const word : {"best setting", "settings that", " trial", "<th>rung</th>"}) {
    EXPECT_THAT(text, Not(HasSubstr(word)));
  }
  EXPECT_THAT(text, HasSubstr("<td>1</td>\n<td>2,000</td>\n<td>2</td>\n<td>-200.0</td>\n"
                              "<td>0.00125</td>"));
  EXPECT_THAT(text, Not(HasSubstr("<h2>What mattered</h2>"))) << "settings change on the way";
}

TEST_F(SearchPage, APopulationThatTrainsHasTheBestOfItsLastGeneration) {
  std::filesystem::remove(search_ / "rungs.csv");
  std::filesystem::remove(search_ / "confirmations.csv");
  write_text(search_ / "generations.csv", test::sample_generations);
  write_text(search_ / "trials.csv",
             "trial,status,rung,environment_steps,updates,seeds,score,standard_error,worst,"
             "learning_rate_critic,algorithm,target_noise\n0,running,,,,1,,,,0.001,td3,0.1\n"
             "1,running,,,,1,,,,0.003,td3,0.1\n2,running,,,,1,,,,0.00125,td3,0.1\n");
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("learning moved once from one member to another"));
}

TEST_F(SearchPage, NamesAreTextWhateverIsInThem) {
  std::string text = test::sample_trials;
  std::size_t at = 0;
  while ((at = text.find("ddpg", at)) != std::string::npos) text.replace(at, 4, "<b>&\"\"");
  write_text(search_ / "trials.csv", text);
  EXPECT_THAT(page(), Not(HasSubstr("<b>")));
}

TEST_F(SearchPage, TheCommandWritesItIntoTheDirectory) {
  const ProgramResult result = report({"search", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(read_text(search_ / "report.html"), HasSubstr("<h2>All trials</h2>"));
  const auto written = nlohmann::json::parse(result.output);
  EXPECT_EQ(written["trials"], 7);
  EXPECT_EQ(written["confirmed"][0]["trial"], 3);
  EXPECT_EQ(written["confirmed"][0]["settings"]["target-noise"], 0.2);
  EXPECT_EQ(written["confirmed"][0]["score"], -180.0);
}

TEST_F(SearchPage, WhatCannotBeReportedIsRefused) {
  test::write_search(directory_ / "half");
  std::filesystem::remove(directory_ / "half/search.json");
  test::write_search(directory_ / "torn");
  write_text(directory_ / "torn/rungs.csv", test::sample_rungs + "0,1,1\n");
  test::write_search(directory_ / "new");
  std::filesystem::remove(directory_ / "new/confirmations.csv");
  write_text(directory_ / "new/trials.csv",
             test::sample_trials.substr(0, test::sample_trials.find('\n') + 1));
  const std::vector<std::string> before = directory_.listing();
  for (const auto& [arguments, expected] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"half"}, "half: holds no whole search of polyak: there is no search.json in it"},
           {{"torn"}, "torn/rungs.csv: line 10: 3 values instead of 7"},
           {{"new"}, "new: its trials.csv has no row yet"},
           {{"search", "torn"}, "search: is a search, which is reported by itself"},
           {{"search", "--output", "page.pdf"}, "the name must end in .html"}}) {
    const ProgramResult result = report(arguments);
    EXPECT_EQ(result.exit_code, 2) << expected;
    EXPECT_THAT(result.errors, HasSubstr(expected));
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
  EXPECT_EQ(directory_.listing(), before);
}

}  // namespace
}  // namespace polyak
