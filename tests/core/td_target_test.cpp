#include "polyak/core/td_target.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace polyak {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

TEST(TdTarget, BootstrapsWithTheDiscount) {
  EXPECT_EQ(td_target(1.0f, 0.5f, -6.0f), -2.0f);
  EXPECT_EQ(td_target(-3.0f, 1.0f, 0.0f), -3.0f);
}

TEST(TdTarget, AfterATerminationTheNextValueHasNoSay) {
  for (const float next_value : {5.0f, infinity, -infinity, nan}) {
    EXPECT_EQ(td_target(-3.0f, 0.0f, next_value), -3.0f) << next_value;
  }
  EXPECT_EQ(td_target(-3.0f, 0.5f, infinity), infinity) << "elsewhere it has";
  EXPECT_TRUE(std::isnan(td_target(-3.0f, 0.5f, nan)));
}

TEST(SmallerValue, IsTheSmallerOneInEitherPlace) {
  EXPECT_EQ(smaller_value(-2.0f, 1.0f), -2.0f);
  EXPECT_EQ(smaller_value(1.0f, -2.0f), -2.0f);
}

TEST(SmallerValue, KeepsANan) {
  EXPECT_TRUE(std::isnan(smaller_value(nan, 1.0f)));
  EXPECT_TRUE(std::isnan(smaller_value(1.0f, nan)));
}

}  // namespace
}  // namespace polyak
