#include "io/json_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

using nlohmann::ordered_json;
constexpr double nan_double = std::numeric_limits<double>::quiet_NaN();

TEST(JsonText, IsIndentedAndEndsTheLine) {
  EXPECT_EQ(json_text({{"b", 1}, {"a", number_or_null(2.5)}}), "{\n  \"b\": 1,\n  \"a\": 2.5\n}\n");
}

TEST(JsonText, HasNoNullWhereANumberIsNone) {
  const ordered_json inner = {{"mean", nan_double}};
  const ordered_json report = {{"agents", ordered_json::array({{{"mean", 1.0}}, inner})}};
  try {
    json_text(report);
    FAIL() << "it was written";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("'agents/1/mean' is NaN or infinite"));
  }
  EXPECT_THROW(json_text({{"a", std::numeric_limits<double>::infinity()}}), RunError);
}

TEST(JsonText, SaysNullWhereThereIsNothingToTell) {
  EXPECT_EQ(json_text({{"error", number_or_null(nan_double)}}), "{\n  \"error\": null\n}\n");
}

TEST(JsonText, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(json_text({{"policy", "a\x1b\xff"}}), "{\n  \"policy\": \"a\\u001b\xEF\xBF\xBD\"\n}\n");
}

}  // namespace
}  // namespace polyak
