#include "io/parse_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;

std::string json_refusal(const std::string& text) {
  try {
    parse_json(text, "x.json: the file");
  } catch (const UsageError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "";
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(ParseJson, ReadsJson) {
  const nlohmann::json json =
      parse_json("\xEF\xBB\xBF{\"a\": [1, 2.5], \"b\": {\"a\": null}}", "x");
  EXPECT_EQ(json.dump(), R"({"a":[1,2.5],"b":{"a":null}})");
}

TEST(ParseJson, SaysAtWhichByteItEnds) {
  EXPECT_EQ(json_refusal("{\"a\": 1,}"), "x.json: the file is no JSON, or corrupted at its byte 9");
  EXPECT_THAT(json_refusal(""), HasSubstr("no JSON"));
  EXPECT_THAT(json_refusal("{} {}"), HasSubstr("no JSON"));
  EXPECT_THAT(json_refusal("\"\xFF\""), HasSubstr("no JSON"));
  EXPECT_THAT(json_refusal("[1e999]"), HasSubstr("a number that is too large"));
}

TEST(ParseJson, RefusesAKeyThatIsThereTwice) {
  EXPECT_THAT(json_refusal(R"({"a": 1, "b": 2, "a": 3})"), HasSubstr("has the key 'a' twice"));
  EXPECT_THAT(json_refusal(R"({"c": [{"a": 1, "\u0061": 3}]})"),
              HasSubstr("has the key 'a' twice"));
  EXPECT_EQ(json_refusal(R"([{"a": 1}, {"a": {"a": 2}}])"), "");
}

TEST(ParseJson, RefusesMoreKeysThanAnyFileHas) {
  std::string keys;
  for (int key = 0; key < 10'000; ++key) keys += '"' + std::to_string(key) + "\":0,";
  EXPECT_EQ(json_refusal("[{" + keys.substr(0, keys.size() - 1) + "}, {\"a\": 0}]"), "");
  EXPECT_THAT(json_refusal("{" + keys + "\"a\": 0}"),
              HasSubstr("more than 10000 keys in one object"));
}

TEST(ParseNumberLists, KeysOfOneObjectAreNotAnothers) {
  const std::string text = R"({"meta": {"a": 1, "b": {"a": 2}}, "a": [1]})";
  EXPECT_EQ(parse_number_lists(text, "f", "meta", 1), (NumberLists{{"a", {1.0}}}));
  EXPECT_THAT([&] { parse_number_lists(R"({"meta": {"a": 1, "a": 2}})", "f", "meta", 1); },
              testing::ThrowsMessage<UsageError>(HasSubstr("has the key 'a' twice")));
  EXPECT_THAT([&] { parse_number_lists(R"({"a": [], "meta": {}, "a": []})", "f", "meta", 1); },
              testing::ThrowsMessage<UsageError>(HasSubstr("has the key 'a' twice")));
}

TEST(ParseNumberLists, SaysHowManyNumbersAreTooMany) {
  const std::string text = R"({"a": [1, 2.5], "meta": [7, [8]], "b": [3]})";
  EXPECT_EQ(parse_number_lists(text, "f", "meta", 3),
            (NumberLists{{"a", {1.0, 2.5}}, {"b", {3.0}}}));
  EXPECT_THAT([&] { parse_number_lists(text, "f", "meta", 2); },
              testing::ThrowsMessage<UsageError>("f: has more than 2 numbers"));
}

TEST(ParseJson, RefusesDepthsThatNoFileHas) {
  EXPECT_EQ(json_refusal(nested(16)), "");
  EXPECT_THAT(json_refusal(nested(17)), HasSubstr("nested more than 16 levels deep"));
  EXPECT_THAT(json_refusal(nested(100'000)), HasSubstr("nested more than 16 levels deep"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_THAT(json_refusal(objects), HasSubstr("nested more than 16 levels deep"));
}

}  // namespace
}  // namespace polyak
