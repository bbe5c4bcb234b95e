// The directory of a training that goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "io/config_text.hpp"
#include "io/policy_samples.hpp"
#include "io/run_directory.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using test::read_text;
using test::TemporaryDirectory;
using test::write_text;
using testing::HasSubstr;
using testing::ThrowsMessage;

const EvaluationRow first_row{0, 100, 40, 1.5f, 16, -100.5f, 8.25f, -99.0f, -301.0f, 12.5f};
const EvaluationRow second_row{0, 200, 80, 2.5f, 16, -90.5f, 8.25f, -99.0f, -301.0f, 2.5f};

/// A training with a checkpoint after 100 steps, which has ended after 200.
class ResumedDirectory : public testing::Test {
 protected:
  ResumedDirectory() {
    RunDirectory run(DirectoryClaim::named(directory_.path()), false);
    run.begin(Config{});
    report(run, 100);
    run.write_evaluation({&first_row, 1});
    run.write_checkpoint(1, [&](const FileDescriptor& file, const TableMarks& marks) {
      file.write("checkpoint");
      marks_ = marks;
    });
    report(run, 200);
    run.write_evaluation({&second_row, 1});
    run.write_best_policy(0, "best");
    run.write_policies([](int) { return test::sample_policy(); });
    run.write_summary({{"seconds", 1}});
  }
  static void report(RunDirectory& run, std::int64_t steps) {
    const std::vector<AgentMetrics> agents(1);
    run.write_metrics({steps, 0, 0.0, 0.0, 0.0, agents});
  }
  RunDirectory open() const { return RunDirectory(DirectoryClaim::existing(directory_.path())); }
  std::string text_of(const char* name) const { return read_text(directory_ / name); }
  bool has(const char* name) const { return std::filesystem::exists(directory_ / name); }

  TemporaryDirectory directory_;
  TableMarks marks_;
};

TEST_F(ResumedDirectory, ItsTablesAreCutBackToTheCheckpoint) {
  EXPECT_EQ(text_of("checkpoint.safetensors"), "checkpoint");
  const std::string metrics = text_of("metrics.csv");
  const auto marked = static_cast<std::size_t>(marks_.metrics.bytes);
  ASSERT_LT(marked, metrics.size());
  RunDirectory run = open();
  EXPECT_FALSE(run.holds_older_training());
  Config config;
  config.total_steps *= 2;
  const std::vector<EvaluationRow> rows = run.resume(config, marks_, 150);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows.front().mean_return, -100.5f);
  const EvaluationsTable table(config);
  EXPECT_EQ(text_of("evaluations.csv"), table.header() + table.lines({&first_row, 1}));
  EXPECT_EQ(text_of("metrics.csv"), metrics.substr(0, marked));
  EXPECT_FALSE(has("summary.json"));
  EXPECT_TRUE(has("policy_best.safetensors"));
  EXPECT_EQ(config_from_toml(text_of("config.toml"), "it").total_steps, config.total_steps);
  report(run, 200);
  EXPECT_EQ(text_of("metrics.csv"), metrics);
}

// The next checkpoint marks what it finds as one of a training that was never interrupted does.
TEST_F(ResumedDirectory, ItsMarksAreThoseOfATrainingThatWasNotInterrupted) {
  const std::string evaluations = text_of("evaluations.csv");
  RunDirectory run = open();
  run.resume(Config{}, marks_, 100);
  report(run, 200);
  run.write_evaluation({&second_row, 1});
  TableMarks later;
  run.write_checkpoint(1, [&](const FileDescriptor&, const TableMarks& marks) { later = marks; });
  EXPECT_EQ(text_of("evaluations.csv"), evaluations);
  for (const auto& [name, mark] :
       {std::pair("metrics.csv", later.metrics), std::pair("evaluations.csv", later.evaluations)}) {
    const std::string text = text_of(name);
    EXPECT_EQ(mark.bytes, static_cast<std::int64_t>(text.size())) << name;
    EXPECT_EQ(mark.sha256, Sha256().add(text).hex()) << name;
  }
}

// The evaluation behind the last step is later than the last checkpoint, and its rows stay.
TEST_F(ResumedDirectory, RowsBehindTheMarkStayUpToTheCheckpointsSteps) {
  EXPECT_EQ(open().resume(Config{}, marks_, 200).size(), 2u);
}

TEST_F(ResumedDirectory, TablesThatAreNotTheCheckpointsAreRefused) {
  const std::string metrics = text_of("metrics.csv"), evaluations = text_of("evaluations.csv");
  const auto refusal = [&](const TableMarks& marks) -> std::string {
    try {
      open().resume(Config{}, marks, 100);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  const auto changed = [](std::string text, std::size_t place) {
    text[place] = text[place] == '7' ? '8' : '7';
    return text;
  };
  const auto last = static_cast<std::size_t>(marks_.metrics.bytes) - 2;
  write_text(directory_ / "metrics.csv", changed(metrics, last));
  EXPECT_THAT(refusal(marks_), HasSubstr("metrics.csv: is not that of the checkpoint"));
  EXPECT_EQ(text_of("metrics.csv"), changed(metrics, last));
  write_text(directory_ / "metrics.csv", metrics.substr(0, last));
  EXPECT_THAT(refusal(marks_), HasSubstr("metrics.csv: has only " + std::to_string(last)));
  write_text(directory_ / "metrics.csv", metrics);

  const std::string other = changed(evaluations, evaluations.find("-100.5") + 1);
  write_text(directory_ / "evaluations.csv", other);
  EXPECT_THAT(refusal(marks_), HasSubstr("evaluations.csv: is not that of the checkpoint"));
  EXPECT_EQ(text_of("evaluations.csv"), other);
  write_text(directory_ / "evaluations.csv", "of another program\n");
  EXPECT_THAT(refusal(marks_), HasSubstr("evaluations.csv: is not that of the checkpoint"));
  EXPECT_EQ(text_of("metrics.csv"), metrics) << "neither is cut back before both are known";
  EXPECT_TRUE(has("summary.json"));
  write_text(directory_ / "evaluations.csv", evaluations);
  EXPECT_EQ(refusal(marks_), "");
}

TEST_F(ResumedDirectory, BeforeItsFirstEvaluationItHasNoBestPolicy) {
  marks_.evaluations.bytes = 0;
  marks_.evaluations.sha256 = Sha256().hex();
  EXPECT_TRUE(open().resume(Config{}, marks_, 50).empty());
  EXPECT_FALSE(has("policy_best.safetensors"));
}

// At the end of hours of training it would be too late to learn of it.
TEST_F(ResumedDirectory, WhatCouldNotBeReplacedIsRefusedAtTheBeginning) {
  for (const char* const name :
       {"policy.safetensors", "policy_best.safetensors", "summary.json", "evaluations.csv",
        "checkpoint.safetensors", "checkpoint.2.safetensors"}) {
    std::filesystem::remove(directory_ / name);
    std::filesystem::create_directory(directory_ / name);
    EXPECT_THAT([&] { open(); },
                ThrowsMessage<UsageError>(HasSubstr("--resume " + directory_.path().string() +
                                                    ": " + name + " in it is not a regular file")));
    std::filesystem::remove(directory_ / name);
  }
  std::filesystem::create_directory(directory_ / "policy_0.safetensors");
  open();  // no name of this training's
}

TEST_F(ResumedDirectory, RefusalsNameTheOptionThatWasGiven) {
  write_text(directory_ / ".polyak-commit", "mine");
  EXPECT_THAT([&] { open(); }, ThrowsMessage<UsageError>(testing::StartsWith("--resume ")));
}

TEST(OtherDirectories, OnlyATrainingGoesOn) {
  const TemporaryDirectory directory;
  EXPECT_THROW(RunDirectory(DirectoryClaim::existing(directory.path())), UsageError);
  EXPECT_THROW(DirectoryClaim::existing(directory / "missing"), UsageError);
  EXPECT_TRUE(directory.listing().empty());
  const TemporaryDirectory other;
  write_text(other / "file", "");
  EXPECT_THAT([&] { DirectoryClaim::existing(other / "file"); },
              ThrowsMessage<UsageError>(testing::EndsWith("/file: that is no directory")));
  RunDirectory run(DirectoryClaim::named(directory.path()), false);
  run.begin(Config{});
  EXPECT_THROW(DirectoryClaim::existing(directory.path()), UsageError) << "another one is in it";
}

TEST(TableMark, IsKeptAsAText) {
  const TableMark mark{1234, "abc"};
  const std::optional<TableMark> read = parse_table_mark(mark.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bytes, 1234);
  EXPECT_EQ(read->sha256, "abc");
  for (const char* const none : {"", "1234", "-1 abc", "x abc", " abc"}) {
    EXPECT_FALSE(parse_table_mark(none)) << none;
  }
}

}  // namespace
}  // namespace polyak
