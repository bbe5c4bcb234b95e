// CSV whose fields are numbers or words.
#include "io/text_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array<std::string_view, 2> own = {"trial", "score"};

TextTable text_table(const std::string& text) { return parse_text_table(text, "t.csv", own); }

template <class Action>
std::string text_table_refusal(const Action& action) {
  try {
    action();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(TextTable, FieldsAreNumbersWordsListsOrEmpty) {
  const TextTable table = text_table("trial,score,hidden\r\n7,-2.5,\"64,32\"\r\n8,,tanh\n");
  EXPECT_THAT(table.columns, ElementsAre("trial", "score", "hidden"));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.count(0, 0), 7);
  EXPECT_EQ(table.number(0, 1), -2.5);
  EXPECT_EQ(table.rows[0][2], "64,32");
  EXPECT_TRUE(std::isnan(table.number(1, 1)));
}

TEST(TextTable, ARowThatIsBeingWrittenIsLeftOut) {
  EXPECT_EQ(text_table("trial,score\n1,2\n3,4").rows.size(), 1u);
  EXPECT_EQ(text_table("trial,score\n1,").rows.size(), 0u);
}

TEST(TextTable, WhatIsNoSuchTableIsRefusedWithItsPlace) {
  EXPECT_THAT(text_table_refusal([] { text_table(""); }),
              HasSubstr("t.csv: its first line does not begin with trial,score"));
  EXPECT_THAT(text_table_refusal([] { text_table("score,trial\n"); }), HasSubstr("first line"));
  EXPECT_THAT(text_table_refusal([] { text_table("trial,score\n1,2\n1,2,3\n"); }),
              HasSubstr("t.csv: line 3: 3 values instead of 2"));
  EXPECT_THAT(text_table_refusal([] { text_table("trial,score\n1,x\n").number(0, 1); }),
              HasSubstr("t.csv: line 2: 'x' is no score"));
  for (const char* const field : {"", "-1", "1.5", "1e17", "x"}) {
    EXPECT_THAT(text_table_refusal(
                    [&] { text_table("trial,score\n" + std::string(field) + ",1\n").count(0, 0); }),
                HasSubstr("is no trial"))
        << field;
  }
  EXPECT_THAT(text_table_refusal([] { text_table("trial,score\n1,inf\n").number(0, 1); }),
              HasSubstr("'inf' is no score"));
}

}  // namespace
}  // namespace polyak
