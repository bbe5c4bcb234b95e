#include "io/text_value.hpp"

#include <gtest/gtest.h>

#include <bit>

#include "polyak/core/philox.hpp"

namespace polyak {
namespace {

TEST(TextValue, EveryFloatReadsBackExactly) {
  const PhiloxRandom random{7};
  int finite = 0;
  for (std::uint32_t i = 0; i < 20000; ++i) {
    const float value = std::bit_cast<float>(random(i, 0, Purpose::replay_sample).x);
    if (!std::isfinite(value)) continue;
    ++finite;
    const std::optional<float> read = parse_number<float>(format_number(value));
    ASSERT_TRUE(read.has_value()) << format_number(value);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(*read), std::bit_cast<std::uint32_t>(value));
  }
  EXPECT_GT(finite, 19000);
}

TEST(TextValue, FloatsAreShort) {
  EXPECT_EQ(format_number(0.1f), "0.1");
  EXPECT_EQ(format_number(3e-4f), "3e-04");
  EXPECT_EQ(format_number(-2.0f), "-2");
}

TEST(TextValue, WholeNumbersMayHaveExponents) {
  EXPECT_EQ(parse_number<int>("12"), 12);
  EXPECT_EQ(parse_number<std::int64_t>("1e6"), 1'000'000);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), 18446744073709551615u);
}

TEST(TextValue, WholeNumbersAreExactAboveTwoToThe53) {
  constexpr std::int64_t odd = 9007199254740993;  // 2^53 + 1, which no double is
  EXPECT_EQ(parse_number<std::int64_t>("9007199254740993"), odd);
  EXPECT_EQ(parse_number<std::int64_t>("9007199254740993e0"), odd);
  EXPECT_EQ(parse_number<std::int64_t>("9007199254740.993e3"), odd);
  EXPECT_EQ(parse_number<std::int64_t>("-90071992547409930e-1"), -odd);
  EXPECT_EQ(parse_number<std::int64_t>("1e18"), 1'000'000'000'000'000'000);
  EXPECT_EQ(parse_number<std::int64_t>("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse_number<std::int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse_number<std::uint64_t>("1.8446744073709551615e19"), UINT64_MAX);
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "1e19"}) {
    EXPECT_FALSE(parse_number<std::int64_t>(text).has_value()) << text;
  }
  for (const char* text : {"18446744073709551616", "1.8446744073709551616e19", "1e20", "1e99999",
                           "1e99999999999999999999"}) {
    EXPECT_FALSE(parse_number<std::uint64_t>(text).has_value()) << text;
  }
}

TEST(TextValue, NumbersAreDecimal) {
  EXPECT_EQ(parse_number<int>("010"), 10);
  EXPECT_EQ(parse_number<float>("010"), 10.0f);
  EXPECT_EQ(parse_number<int>("2.50e1"), 25);
  EXPECT_EQ(parse_number<int>("1E+06"), 1'000'000);
  EXPECT_EQ(parse_number<int>("-0"), 0);
  EXPECT_EQ(parse_number<unsigned>("-0"), 0u);
  EXPECT_EQ(parse_number<int>("0e999"), 0);
  for (const char* text :
       {"+5", "0x10", "0b1", "1_000", "1.", ".5e1", "1e", "1e+", "--1", "1e1.5"}) {
    EXPECT_FALSE(parse_number<int>(text).has_value()) << text;
  }
  for (const char* text : {"+5", "0x10", "1_000", "1e"}) {
    EXPECT_FALSE(parse_number<float>(text).has_value()) << text;
  }
}

TEST(TextValue, RefusesWhatIsNotAllANumber) {
  for (const char* text :
       {"", " 1", "1 ", "1x", "x", "1.5", "1e-1", "0x10", "1e30", "nan", "inf"}) {
    EXPECT_FALSE(parse_number<int>(text).has_value()) << text;
  }
  EXPECT_FALSE(parse_number<std::uint64_t>("-1").has_value());
  EXPECT_FALSE(parse_number<int>("2147483648").has_value());
  EXPECT_FALSE(parse_number<float>("1e39").has_value());
  EXPECT_FALSE(parse_number<float>("0.1.2").has_value());
}

TEST(TextValue, SplitsAndTrims) {
  EXPECT_EQ(split_text("a, b ,,c\r", ','), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(split_text("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(join_text(std::vector<std::string>{"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join_text({}, ", "), "");
}

TEST(TextValue, ParsesFieldsOfEveryKind) {
  const auto parse = [](const std::string& text, auto value) {
    parse_field("field", std::vector<std::string>{text}, value);
    return value;
  };
  EXPECT_EQ(parse("7", 0), 7);
  EXPECT_EQ(parse("0.25", 0.0), 0.25);
  EXPECT_EQ(parse("cpu", DeviceKind::automatic), DeviceKind::cpu);
  EXPECT_EQ(parse("64,32", std::vector<int>{}), (std::vector<int>{64, 32}));
  EXPECT_EQ(parse("1e-3,3e-4", PerAgent<float>(0.0f)).values, (std::vector<float>{1e-3f, 3e-4f}));
  EXPECT_EQ(parse("Pendulum-v1", std::string()), "Pendulum-v1");
  EXPECT_EQ(parse("true", false), true);
  EXPECT_EQ(parse("false", true), false);
  EXPECT_EQ(field_texts(true), (std::vector<std::string>{"true"}));
}

TEST(TextValue, RefusalsNameTheField) {
  int number = 0;
  const std::vector<std::string> two = {"1", "2"};
  EXPECT_THROW(parse_field("agents", two, number), UsageError);
  bool on = false;
  for (const char* text : {"1", "yes", "", "True"}) {
    EXPECT_THROW(parse_field("actor-first", std::vector<std::string>{text}, on), UsageError);
  }
  try {
    parse_field("agents", std::vector<std::string>{"many"}, number);
    FAIL() << "'many' was taken for a number";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("--agents"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("'many'"), std::string::npos);
  }
}

}  // namespace
}  // namespace polyak
