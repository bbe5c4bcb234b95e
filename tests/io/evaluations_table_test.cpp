#include "io/evaluations_table.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"
#include "support/configs.hpp"

namespace polyak {
namespace {

const std::string evaluations_header =
    "agent,environment_steps,updates,seconds,episodes,mean_return,standard_error,median_return,"
    "worst_return,mean_regret";
constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

EvaluationRow evaluation_row(int agent) {
  return {agent, 400, 40, 1.5f, 16, -100.5f, 8.25f, -99.0f, -301.0f, 12.5f};
}

TEST(EvaluationsTable, HasARowForEveryAgent) {
  Config config = test::small_config();
  config.agents = 2;
  const EvaluationsTable table(config);
  EXPECT_EQ(table.header(), evaluations_header + "\n");
  const std::vector<EvaluationRow> rows = {evaluation_row(0), evaluation_row(1)};
  EXPECT_EQ(table.lines(rows),
            "0,400,40,1.5,16,-100.5,8.25,-99,-301,12.5\n"
            "1,400,40,1.5,16,-100.5,8.25,-99,-301,12.5\n");
}

TEST(EvaluationsTable, LeavesEmptyWhatIsNotKnown) {
  EvaluationRow row = evaluation_row(0);
  row.standard_error = unknown;
  row.mean_regret = unknown;
  EXPECT_EQ(EvaluationsTable(test::small_config()).lines({&row, 1}),
            "0,400,40,1.5,16,-100.5,,-99,-301,\n");
}

TEST(EvaluationsTable, SaysWhatTheAgentsDifferIn) {
  Config config = test::small_config();
  config.agents = 2;
  config.learning_rate_actor = std::vector<float>{1e-3f, 2e-3f};
  const EvaluationsTable table(config);
  EXPECT_EQ(table.header(), evaluations_header + ",learning_rate_actor\n");
  const EvaluationRow row = evaluation_row(1);
  EXPECT_EQ(table.lines({&row, 1}), "1,400,40,1.5,16,-100.5,8.25,-99,-301,12.5,0.002\n");
}

TEST(EvaluationsTable, IsReadAsFarAsATrainingHasCome) {
  Config config = test::small_config();
  config.agents = 2;
  config.tau = std::vector<float>{0.5f, 0.25f};
  const EvaluationsTable table(config);
  const test::TemporaryDirectory directory;
  const auto path = directory / "evaluations.csv";
  std::vector<EvaluationRow> rows = {evaluation_row(0), evaluation_row(1)};
  rows[1].standard_error = rows[1].mean_regret = unknown;
  rows[0].mean_return = -133.94218f;
  const std::string first = table.header() + table.lines(rows);
  std::vector<EvaluationRow> later = rows;
  for (EvaluationRow& row : later) row.environment_steps = 800;
  const std::string whole = first + table.lines(later);
  test::write_text(path, whole);
  const EvaluationsUntil until = table.read(path, 799);
  EXPECT_EQ(until.bytes, static_cast<std::int64_t>(first.size()));
  EXPECT_EQ(table.header() + table.lines(until.rows), first) << "the very numbers";
  EXPECT_EQ(table.read(path, 399).rows.size(), 0u);
  EXPECT_EQ(table.read(path, 800).bytes, static_cast<std::int64_t>(whole.size()));
  EXPECT_EQ(table.read(path, 800).rows.size(), 4u);

  // Killed while it wrote, or before the other agent's row.
  for (const std::size_t cut : {std::size_t{3}, table.lines({&later[1], 1}).size()}) {
    test::write_text(path, whole.substr(0, whole.size() - cut));
    EXPECT_EQ(table.read(path, 800).bytes, static_cast<std::int64_t>(first.size())) << cut;
  }
}

TEST(EvaluationsTable, WhatIsNoneIsRefused) {
  const EvaluationsTable table(test::small_config());
  const test::TemporaryDirectory directory;
  const auto path = directory / "evaluations.csv";
  EXPECT_THROW(table.read(path, 1), UsageError);
  const EvaluationRow row = evaluation_row(0);
  for (const std::string& text :
       {"agent,steps\n" + table.lines({&row, 1}), table.header() + "0,400,40\n",
        table.header() + "1,400,40,1.5,16,-100.5,8.25,-99,-301,12.5\n",
        table.header() + "0,400,40,1.5,16,,8.25,-99,-301,12.5\n",
        table.header() + "0,400,40,1.5,16,x,8.25,-99,-301,12.5\n"}) {
    test::write_text(path, text);
    EXPECT_THROW(table.read(path, 1000), UsageError) << text;
  }
}

}  // namespace
}  // namespace polyak
