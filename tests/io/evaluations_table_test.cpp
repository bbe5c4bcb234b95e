#include "io/evaluations_table.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/configs.hpp"

namespace polyak {
namespace {

const std::string common_header =
    "agent,environment_steps,updates,seconds,episodes,mean_return,standard_error,median_return,"
    "worst_return,mean_regret";
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

EvaluationRow row_of(int agent) {
  return {agent, 400, 40, 1.5f, 16, -100.5f, 8.25f, -99.0f, -301.0f, 12.5f};
}

TEST(EvaluationsTable, HasARowForEveryAgent) {
  Config config = test::small_config();
  config.agents = 2;
  const EvaluationsTable table(config);
  EXPECT_EQ(table.header(), common_header + "\n");
  const std::vector<EvaluationRow> rows = {row_of(0), row_of(1)};
  EXPECT_EQ(table.lines(rows),
            "0,400,40,1.5,16,-100.5,8.25,-99,-301,12.5\n"
            "1,400,40,1.5,16,-100.5,8.25,-99,-301,12.5\n");
}

TEST(EvaluationsTable, LeavesEmptyWhatIsNotKnown) {
  EvaluationRow row = row_of(0);
  row.standard_error = nan;
  row.mean_regret = nan;
  EXPECT_EQ(EvaluationsTable(test::small_config()).lines({&row, 1}),
            "0,400,40,1.5,16,-100.5,,-99,-301,\n");
}

TEST(EvaluationsTable, SaysWhatTheAgentsDifferIn) {
  Config config = test::small_config();
  config.agents = 2;
  config.learning_rate_actor = std::vector<float>{1e-3f, 2e-3f};
  const EvaluationsTable table(config);
  EXPECT_EQ(table.header(), common_header + ",learning_rate_actor\n");
  const EvaluationRow row = row_of(1);
  EXPECT_EQ(table.lines({&row, 1}), "1,400,40,1.5,16,-100.5,8.25,-99,-301,12.5,0.002\n");
}

}  // namespace
}  // namespace polyak
