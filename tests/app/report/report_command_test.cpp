// report from the command line. tests/packaging/test_report.py opens pages in a browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "app/bad_input.hpp"
#include "app/program.hpp"
#include "app/report/occurrences.hpp"
#include "io/agent_table.hpp"
#include "io/run_files.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::read_text;
using test::write_text;
using testing::HasSubstr;
using testing::Not;

class ReportCommand : public testing::Test {
 protected:
  void train(const std::string& name, const std::vector<std::string>& more) const {
    std::vector<std::string> options = {"--output", name, "--quiet"};
    options.insert(options.end(), more.begin(), more.end());
    const ProgramResult result =
        test::run_program(test::small_training(options), directory_.path());
    ASSERT_EQ(result.exit_code, 0) << result.errors;
  }
  ProgramResult run(const std::vector<std::string>& arguments) const {
    return test::run_program(arguments, directory_.path());
  }

  test::TemporaryDirectory directory_;
};

TEST_F(ReportCommand, APageOfOneRunIsInItsDirectory) {
  train("run", {"--agents", "3"});
  const ProgramResult result = run({"report", "run"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, "wrote run/report.html\n");
  const std::string page = read_text(directory_ / "run/report.html");
  EXPECT_THAT(page, testing::StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, testing::StartsWith(std::string(report_beginning))) << "known by --overwrite";
  EXPECT_THAT(page, HasSubstr("<h2>Return while training</h2>"));
  EXPECT_THAT(page, HasSubstr("<h2>Returns from every start</h2>"));
  EXPECT_THAT(page, HasSubstr("<h2>In motion</h2>"));
  EXPECT_THAT(page, Not(HasSubstr("<h2>What differs</h2>")));
  EXPECT_THAT(page, HasSubstr("<h2>Return without noise</h2>"));
  EXPECT_EQ(test::occurrences(page, "data-line=\"run 0 agent 2\""), 8u)
      << "in each chart of the tables";
  EXPECT_EQ(test::occurrences(page, "http"),
            test::occurrences(page, "xmlns=\"http://www.w3.org/2000/svg\""));
}

TEST_F(ReportCommand, RunsAreComparedWithTheirEvaluations) {
  train("a", {"--agents", "2"});
  train("b", {"--agents", "2", "--discount", "0.9"});
  write_text(directory_ / "b/evaluations.csv",
             "agent,environment_steps,updates,seconds,episodes,mean_return,standard_error,"
             "median_return,worst_return,mean_regret\n"
             "0,300,1,0.1,5,-900,1,-900,-950,\n1,300,1,0.1,5,-800,1,-800,-850,\n1,6");
  const ProgramResult result = run({"report", "a", "b", "--output", "all.html", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto written = nlohmann::json::parse(result.output);
  ASSERT_EQ(written["groups"].size(), 2u);
  EXPECT_EQ(written["groups"][1]["label"], "b");
  EXPECT_EQ(written["groups"][1]["settings"]["discount"], 0.9);
  EXPECT_EQ(written["groups"][1]["agents"], 2);
  EXPECT_GE(written["groups"][0]["curve"].back()["environment_steps"], 400);
  const std::string page = read_text(directory_ / "all.html");
  EXPECT_THAT(page, HasSubstr("<h2>What differs</h2>"));
  EXPECT_THAT(page, HasSubstr("<td>discount</td>\n<td>0.98</td>\n<td>0.9</td>"));
  EXPECT_THAT(page, HasSubstr("<h2>Return without noise</h2>"));
  EXPECT_THAT(page, Not(HasSubstr("<h2>Regret without noise</h2>"))) << "it is empty";
}

TEST_F(ReportCommand, ATrainingWithoutPoliciesHasItsCurves) {
  train("run", {});
  for (const char* const name :
       {"run/policy.safetensors", "run/summary.json", "run/evaluations.csv"}) {
    std::filesystem::remove(directory_ / name);
  }
  ASSERT_EQ(run({"report", "run"}).exit_code, 0);
  const std::string page = read_text(directory_ / "run/report.html");
  EXPECT_THAT(page, HasSubstr("<h2>Return while training</h2>"));
  EXPECT_THAT(page, Not(HasSubstr("<h2>In motion</h2>")));
  EXPECT_THAT(page, Not(HasSubstr("<h2>Return without noise</h2>")));
}

TEST_F(ReportCommand, NamesAreTextWhateverIsInThem) {
  train("<script>alert(1)</script>&\"", {});
  ASSERT_EQ(run({"report", "<script>alert(1)</script>&\"", "--output", "page.html"}).exit_code, 0);
  const std::string page = read_text(directory_ / "page.html");
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)"));
  EXPECT_EQ(test::occurrences(page, "<script"), 1u);
}

TEST_F(ReportCommand, WhatCannotBeReportedIsRefused) {
  train("run", {});
  std::filesystem::create_directory(directory_ / "other");
  std::filesystem::create_directory(directory_ / "begun");
  std::filesystem::copy_file(directory_ / "run/config.toml", directory_ / "begun/config.toml");
  const std::string metrics = read_text(directory_ / "run/metrics.csv");
  write_text(directory_ / "begun/metrics.csv", metrics.substr(0, metrics.find('\n') + 1));
  std::filesystem::copy(directory_ / "run", directory_ / "empty");
  write_text(directory_ / "empty/metrics.csv", "");
  std::filesystem::copy(directory_ / "run", directory_ / "torn");
  write_text(directory_ / "torn/metrics.csv", metrics + "0,1\n");
  std::filesystem::copy(directory_ / "run", directory_ / "unknown");
  std::string policy = read_text(directory_ / "run/policy.safetensors");
  policy.replace(policy.find("Pendulum-v1"), 11, "Pendulum-v9");
  write_text(directory_ / "unknown/policy.safetensors", policy);
  const std::vector<std::string> before = directory_.listing();
  for (const auto& [arguments, expected] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"none"}, "none: is no directory"},
           {{"run/metrics.csv"}, "run/metrics.csv: is no directory"},
           {{"other"}, "other: holds no training of polyak"},
           {{"empty"}, "empty: holds no training of polyak"},
           {{"begun"}, "begun: its metrics.csv has no row yet"},
           {{"torn"}, "torn/metrics.csv: line"},
           {{"unknown"}, "unknown"},
           {{"run", "./run"}, "./run: is given twice"},
           {{"run", "--output", "page.pdf"}, "--output page.pdf: the name must end in .html"},
           {{"run", "--output", "none/page.html"}, "there is no directory none"},
           {{"run", "--output", ""}, "--output: needs the name"}}) {
    std::vector<std::string> words = {"report"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const ProgramResult result = run(words);
    EXPECT_EQ(result.exit_code, 2) << expected;
    EXPECT_THAT(result.errors, HasSubstr(expected));
    EXPECT_EQ(test::occurrences(result.errors, "\n"), 1u) << result.errors;
    EXPECT_EQ(result.output, "");
  }
  EXPECT_EQ(directory_.listing(), before);
}

TEST_F(ReportCommand, WhereTheDiskIsFullNothingIsLeft) {
  train("run", {});
  const std::vector<std::string> before = directory_.listing();
  const ProgramResult result = test::run_program({"report", "run"}, directory_.path(), 10'000);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("cannot write run/report.html"));
  EXPECT_EQ(directory_.listing(), before);
}

}  // namespace
}  // namespace polyak
