#include "search/space_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "search/spaces.hpp"

namespace polyak {
namespace {

using test::space_of;
using testing::ElementsAre;

SpaceField field_of(const std::string& text) { return space_of(text).fields.at(0); }

constexpr double almost_one = 1.0 - 0x1p-53;

TEST(SpaceValues, ChoicesHaveEqualParts) {
  const SpaceField field = field_of("discount = [0.9, 0.95, 0.99]");
  EXPECT_EQ(value_at(field, 0.0), "0.9");
  EXPECT_EQ(value_at(field, 0.3333), "0.9");
  EXPECT_EQ(value_at(field, 0.3334), "0.95");
  EXPECT_EQ(value_at(field, almost_one), "0.99");
}

TEST(SpaceValues, UniformRangesAreLinear) {
  const SpaceField field = field_of("noise-scale-final = { uniform = [-1, 3] }");
  EXPECT_EQ(value_at(field, 0.0), "-1");
  EXPECT_EQ(value_at(field, 0.375), "0.5");
  EXPECT_EQ(value_at(field, almost_one), "3") << "as a float";
}

TEST(SpaceValues, LogarithmicRangesAreLinearInTheLogarithm) {
  const SpaceField field = field_of("learning-rate-actor = { log = [1e-4, 1e-2] }");
  EXPECT_EQ(value_at(field, 0.0), "1e-04");
  EXPECT_EQ(value_at(field, 0.5), "0.001");
  EXPECT_EQ(value_at(field, 0.25), "0.00031622776") << "10^-3.5";
  EXPECT_EQ(value_at(field, almost_one), "0.01");
  EXPECT_EQ(value_at(field_of("update-to-data = { log = [0.25, 4] }"), 0.25), "0.5");
}

TEST(SpaceValues, WholeNumbersAreEquallyLikelyWithBothEnds) {
  const SpaceField field = field_of("n-step = { uniform = [2, 5] }");
  EXPECT_EQ(value_at(field, 0.0), "2");
  EXPECT_EQ(value_at(field, 0.2499), "2");
  EXPECT_EQ(value_at(field, 0.2501), "3");
  EXPECT_EQ(value_at(field, 0.7499), "4");
  EXPECT_EQ(value_at(field, 0.7501), "5");
  EXPECT_EQ(value_at(field, almost_one), "5");
}

// From 0.5 to 4.5 in the logarithm: 1 has log(1.5 / 0.5) / log(9), which is a half.
TEST(SpaceValues, LogarithmicWholeNumbersHaveTheirSharesWithBothEnds) {
  const SpaceField field = field_of("batch-size = { log = [1, 4] }");
  EXPECT_EQ(value_at(field, 0.0), "1");
  EXPECT_EQ(value_at(field, 0.4999), "1");
  EXPECT_EQ(value_at(field, 0.5001), "2");
  EXPECT_EQ(value_at(field, 0.85), "3");
  EXPECT_EQ(value_at(field, 0.89), "4") << "from log(7) / log(9) on, 0.886";
  EXPECT_EQ(value_at(field, almost_one), "4");
}

TEST(SpaceValues, LargeWholeNumbersAreExact) {
  const SpaceField field = field_of("warmup-steps = { uniform = [0, 1e15] }");
  EXPECT_EQ(value_at(field, 0.0), "0");
  EXPECT_EQ(value_at(field, almost_one), "1000000000000000");
}

TEST(SpaceValues, AGridTakesTheEndsAndWhatIsBetweenThem) {
  EXPECT_THAT(grid_values(field_of("discount = [0.9, 0.95]")), ElementsAre("0.9", "0.95"));
  EXPECT_THAT(grid_values(field_of("tau = { uniform = [0.1, 0.3] }")),
              ElementsAre("0.1", "0.2", "0.3"));
  EXPECT_THAT(grid_values(field_of("tau = { log = [1e-4, 1e-1], grid = 4 }")),
              ElementsAre("1e-04", "0.001", "0.01", "0.1"));
  EXPECT_THAT(grid_values(field_of("batch-size = { log = [32, 512], grid = 5 }")),
              ElementsAre("32", "64", "128", "256", "512"));
  EXPECT_THAT(grid_values(field_of("n-step = { uniform = [1, 3], grid = 9 }")),
              ElementsAre("1", "2", "3"))
      << "what rounds to the same counts once";
}

}  // namespace
}  // namespace polyak
