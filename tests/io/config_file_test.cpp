#include "io/config_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string config_refusal(const std::string& text) {
  try {
    parse_config_file(text, "mine.toml");
  } catch (const UsageError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "";
}

/// The entries as "table/name=values", values separated by blanks.
std::vector<std::string> entries(const std::string& text) {
  std::vector<std::string> lines;
  for (const ConfigEntry& entry : parse_config_file(text, "mine.toml")) {
    std::string line = entry.table + "/" + entry.name + "=";
    for (const ConfigValue& value : entry.values) line += value.text + " ";
    lines.push_back(line);
  }
  return lines;
}

TEST(ConfigFile, ReadsTablesListsAndEveryKindOfValue) {
  const std::string text =
      "# comment\r\nseed = [7, 8]\n\n\"layer-norm\" = true # another\n"
      "[\"Replay and returns\"]\n  n-step = +3\n[Learning]\ntau = 2.5e-1\nactivation = 'elu'\n"
      "hidden = [\n  64,  # first\n  1_000,\n]\nnone = []\n";
  EXPECT_EQ(entries(text), (std::vector<std::string>{
                               "/seed=7 8 ", "/layer-norm=true ", "Replay and returns/n-step=3 ",
                               "Learning/tau=0.25 ", "Learning/activation=elu ",
                               "Learning/hidden=64 1000 ", "Learning/none="}));
}

TEST(ConfigFile, KnowsWhereAndWhatValuesAre) {
  const std::vector<ConfigEntry> found =
      parse_config_file("[Learning]\n  tau = [1, \"2\", false]\n", "mine.toml");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, "mine.toml: line 2, column 3: ");
  ASSERT_EQ(found[0].values.size(), 3u);
  EXPECT_EQ(found[0].values[0].kind, ConfigValueKind::number);
  EXPECT_EQ(found[0].values[1].kind, ConfigValueKind::word);
  EXPECT_EQ(found[0].values[2].kind, ConfigValueKind::truth);
}

TEST(ConfigFile, AByteOrderMarkAndAnEmptyFileAreFine) {
  EXPECT_EQ(entries("\xEF\xBB\xBF"
                    "agents = 2\n"),
            std::vector<std::string>{"/agents=2 "});
  EXPECT_TRUE(entries("").empty());
  EXPECT_TRUE(entries("# nothing").empty());
}

TEST(ConfigFile, LettersThatAreNotAsciiAreOnlyInComments) {
  EXPECT_EQ(entries("# größe \xFF\na = 1  # 目標\n"), std::vector<std::string>{"/a=1 "});
  EXPECT_EQ(entries("a = 'x\xFF'"), std::vector<std::string>{"/a=x? "});
}

TEST(ConfigFile, WholeNumbersAreExact) {
  EXPECT_EQ(entries("a = 9007199254740993\nb = 1e6"),
            (std::vector<std::string>{"/a=9007199254740993 ", "/b=1e+06 "}));
}

TEST(ConfigFile, ReadsLargeSeedsAsVersion010WroteThem) {
  EXPECT_EQ(entries("agents = 2\nseed = [3, 18446744073709551615, 9223372036854775808]  # of 20\n"),
            (std::vector<std::string>{"/agents=2 ",
                                      "/seed=3 18446744073709551615 9223372036854775808 "}));
  EXPECT_THAT(config_refusal("seed = 1844674407370955161500"), StartsWith("mine.toml: line 1"));
  EXPECT_THAT(config_refusal("agents = 18446744073709551615"), StartsWith("mine.toml: line 1"));
}

TEST(ConfigFile, SyntaxErrorsSayWhere) {
  EXPECT_THAT(config_refusal("tau = 1\nhidden = [4, 5\n"),
              AllOf(StartsWith("mine.toml: line 2, column 16: "), HasSubstr("array"),
                    HasSubstr("lists in brackets")));
  EXPECT_THAT(config_refusal("activation = relu"),
              AllOf(StartsWith("mine.toml: line 1, column 14: "), HasSubstr("words in quotes")));
  EXPECT_THAT(config_refusal("a = 1\na = 2"),
              AllOf(StartsWith("mine.toml: line 2"), HasSubstr("'a'")));
  EXPECT_THAT(config_refusal("tau = 1\n\n=3\n"), StartsWith("mine.toml: line 3"));
  EXPECT_THAT(config_refusal("a = 1\n[b"), StartsWith("mine.toml: line 2"));
  EXPECT_THAT(config_refusal("agents = 010"), HasSubstr("leading zeroes"));
  EXPECT_THAT(config_refusal(std::string("a = 1\0b = 2\n", 11)), StartsWith("mine.toml: line 1"));
  EXPECT_THAT(config_refusal("a = 1\ngröße = 2"), StartsWith("mine.toml: line 2, column 3: "));
  EXPECT_THAT(config_refusal("a =\u00A01"), StartsWith("mine.toml: line 1, column 4: "));
}

TEST(ConfigFile, RefusesWhatNoFieldTakes) {
  EXPECT_THAT(config_refusal("\na = 1979-05-27"),
              StartsWith("mine.toml: line 2, column 5: 'a' is a date"));
  EXPECT_THAT(config_refusal("a = 07:32:00"), HasSubstr("'a' is a date or a time"));
  EXPECT_THAT(config_refusal("[Learning]\n\"\" = []"), HasSubstr("'' is no name"));
  EXPECT_THAT(config_refusal("a = [[1]]"), HasSubstr("'a' has a list in a list"));
  EXPECT_THAT(config_refusal("a = 0x10"), HasSubstr("'a' is not decimal"));
  EXPECT_THAT(config_refusal("a = 0b1"), HasSubstr("'a' is not decimal"));
  for (const char* text : {"Learning = {tau = 1}", "[[Learning]]\ntau = 1", "[a.b]\nc = 1",
                           "[a]\nb.c = 1", "a = [{b = 1}]"}) {
    EXPECT_THAT(config_refusal(text), HasSubstr("is a table where a value belongs")) << text;
  }
}

// toml++ 3.3 asserts that a name begins as a name does.
TEST(ConfigFile, TablesHaveNames) {
  for (const char* text : {"[=Learning]", "[,]", "[[#]]", "[]", "[a.=]"}) {
    EXPECT_THAT(config_refusal(text), StartsWith("mine.toml: line 1, column ")) << text;
  }
}

TEST(ConfigFile, RefusesDepthsThatNoFileHas) {
  EXPECT_THAT(config_refusal("a = " + std::string(100'000, '[')), StartsWith("mine.toml: line 1"));
  std::string inlined = "a = ";
  for (int i = 0; i < 100'000; ++i) inlined += "{a=";
  EXPECT_THAT(config_refusal(inlined), StartsWith("mine.toml: line 1"));
  for (const std::string level : {".a", ".\"=\"", " . '='"}) {
    std::string dotted = "'='";
    for (int i = 0; i < 500'000; ++i) dotted += level;
    for (const std::string& text :
         {dotted + " = 1", "[" + dotted + "]\nb = 1", "a = {" + dotted + " = 1}"}) {
      EXPECT_THAT(config_refusal("\n" + text), StartsWith("mine.toml: line 2, column 1: has "))
          << level;
    }
    dotted.resize(3 + level.size() * 500);
    EXPECT_THAT(config_refusal(dotted + " = 1"), HasSubstr("has more lists and tables in each"));
  }
}

TEST(ConfigFile, ListsMayBeLong) {
  std::string list = "seed = [1";
  for (int i = 0; i < 65'534; ++i) list += ", 9223372036854775807";
  EXPECT_EQ(parse_config_file(list + "]  # of 65,535 agents", "mine.toml")[0].values.size(),
            65'535u);
}

}  // namespace
}  // namespace polyak
