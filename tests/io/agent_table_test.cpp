// metrics.csv as others read it, while it is written or afterwards.
#include "io/agent_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

const std::string header = "agent,environment_steps,updates,mean_return\n";

std::string table_refusal(const std::string& text) {
  try {
    parse_agent_table(text, "metrics.csv");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(AgentTable, EmptyFieldsAreNaN) {
  const AgentTable table = parse_agent_table(header + "0,100,2,-7.5\n1,100,,\n", "metrics.csv");
  ASSERT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.at(0, table.index("mean_return")), -7.5);
  EXPECT_EQ(table.at(1, 1), 100.0);
  EXPECT_TRUE(std::isnan(table.at(1, 2)));
  EXPECT_TRUE(std::isnan(table.at(1, 3)));
  EXPECT_TRUE(table.has("updates"));
  EXPECT_FALSE(table.has("seconds"));
  EXPECT_THROW(table.index("seconds"), UsageError);
}

TEST(AgentTable, ARowThatIsBeingWrittenIsLeftOut) {
  const std::string whole = header + "0,100,2,-7.5\n";
  const std::string row = "1,100,2,-8.25\n";
  for (std::size_t length = 0; length < row.size(); ++length) {
    EXPECT_EQ(parse_agent_table(whole + row.substr(0, length), "metrics.csv").rows(), 1u) << length;
  }
  EXPECT_EQ(parse_agent_table(whole + row, "metrics.csv").rows(), 2u);
  EXPECT_EQ(parse_agent_table(header, "metrics.csv").rows(), 0u);
}

TEST(AgentTable, WhatIsNoSuchTableIsRefusedWithItsPlace) {
  using testing::HasSubstr;
  EXPECT_THAT(table_refusal(""),
              HasSubstr("metrics.csv: its first line does not begin with agent"));
  EXPECT_THAT(table_refusal(header.substr(0, 20)), HasSubstr("its first line"));
  EXPECT_THAT(table_refusal("theta,theta_dot\n1,2\n"), HasSubstr("its first line"));
  EXPECT_THAT(table_refusal(header + "0,100,2\n"), HasSubstr("line 2: 3 values instead of 4"));
  EXPECT_THAT(table_refusal(header + "0,1,2,3\n0,1,x,3\n"),
              HasSubstr("line 3: 'x' is not a number"));
  EXPECT_THAT(table_refusal(header + ",1,2,3\n"), HasSubstr("line 2: '' is no agent"));
  EXPECT_THAT(table_refusal(header + "0,-1,2,3\n"), HasSubstr("'-1' is no environment_steps"));
  EXPECT_THAT(table_refusal(header + "1e10,1,2,3\n"), HasSubstr("'1e10' is no agent"));
  EXPECT_THAT(table_refusal(header + "0,1e300,2,3\n"), HasSubstr("'1e300' is no environ"));
  EXPECT_THAT(table_refusal(header + "nan,1,2,3\n"), HasSubstr("'nan' is no agent"));
}

}  // namespace
}  // namespace polyak
