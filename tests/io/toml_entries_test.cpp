// What a space's file has beyond a configuration's: lists of lists, and tables inside a line.
#include "io/toml_entries.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using testing::ElementsAre;

TEST(TomlEntries, HaveTheirPlacesInTheOrderOfTheText) {
  const std::vector<TomlEntry> entries = parse_toml_entries(
      "b = [[1, 2], ['x']]\n[Learning]\na = { z = 0.5, when = { y = true } }\n[Empty]\n", "f.toml");
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].name, "b");
  const TomlValue& list = entries[0].value;
  EXPECT_EQ(list.kind, TomlKind::list);
  ASSERT_EQ(list.values.size(), 2u);
  EXPECT_EQ(list.values[0].values[1].text, "2");
  EXPECT_EQ(list.values[1].values[0].kind, TomlKind::word);
  EXPECT_EQ(place_in("f.toml", list.values[1].position), "f.toml: line 1, column 14: ");

  EXPECT_EQ(entries[1].table, "Learning");
  const TomlValue& table = entries[1].value;
  EXPECT_EQ(table.kind, TomlKind::table);
  EXPECT_THAT(table.names, ElementsAre("z", "when")) << "not in the alphabet's order";
  EXPECT_EQ(table.values[0].text, "0.5");
  EXPECT_THAT(table.values[1].names, ElementsAre("y"));
  EXPECT_EQ(table.values[1].values[0].kind, TomlKind::truth);

  EXPECT_EQ(entries[2].table, "Empty");
  EXPECT_EQ(entries[2].name, "");
}

TEST(TomlEntries, HaveAFewLevels) {
  EXPECT_NO_THROW(parse_toml_entries("a = { b = { c = [[[1]]] } }", "f.toml"));
  EXPECT_THROW(parse_toml_entries("a = [[[[[[[[[[[1]]]]]]]]]]]", "f.toml"), UsageError);
}

}  // namespace
}  // namespace polyak
