// Curves in characters.
#include "app/drawing/text_plot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace polyak {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(TextPlot, InAsciiACurveIsStarsBetweenItsAxes) {
  EXPECT_THAT(text_plot({{0, -100}, {1000, 0}}, {16, 5, false}),
              ElementsAre("   0 |        **",  //
                          "     |     ***",    //
                          "     |  ****",      //
                          "-100 |**",          //
                          "      0    1,000"));
}

TEST(TextPlot, InUtf8ACharacterHasEightDots) {
  // 8 characters of 2 x 4 dots in 2 lines: a rising line, two dots across for each one up.
  EXPECT_THAT(text_plot({{0, 0}, {15, 7}}, {11, 3, true}),
              ElementsAre("7 \u2502    \u28c0\u2824\u2812\u2809",    //
                          "0 \u2502\u28c0\u2824\u2812\u2809\u2801",  //
                          "   0     15"));
}

TEST(TextPlot, WhatIsNotFiniteIsLeftOut) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(text_plot({{0, 1}, {1, nan}, {2, 3}}, {20, 5, false}),
            text_plot({{0, 1}, {2, 3}}, {20, 5, false}));
  EXPECT_TRUE(text_plot({{0, nan}}, {20, 5, false}).empty());
}

TEST(TextPlot, OneValueIsALineInTheMiddle) {
  EXPECT_THAT(text_plot({{5, 2}}, {13, 4, false}),
              ElementsAre("2 |", "  |*", "2 |", "   5        5"));
}

TEST(TextPlot, NoLineIsLongerThanAsked) {
  std::vector<Point> points;
  for (int i = 0; i < 500; ++i) points.push_back({i * 1000.0, (i % 17) * -123.456});
  for (const std::size_t width : {30u, 79u, 200u}) {
    const std::vector<std::string> lines = text_plot(points, {width, 10, false});
    EXPECT_THAT(lines, SizeIs(10));
    for (const std::string& line : lines) EXPECT_LE(line.size(), width);
  }
  EXPECT_FALSE(text_plot(points, {0, 0, true}).empty()) << "too little room is no reason to fail";
}

TEST(TextPlot, LabelsAreAsWideAsTheirNumbersNeed) {
  using Labels = std::pair<std::string, std::string>;
  const auto labels = [](double high, double low) -> Labels {
    const std::vector<std::string> lines = text_plot({{0, low}, {1, high}}, {40, 3, false});
    return {lines[0].substr(0, lines[0].find('|')), lines[1].substr(0, lines[1].find('|'))};
  };
  EXPECT_EQ(labels(1e20, -2.5e300), Labels("    1e+20 ", "-2.5e+300 "));
  EXPECT_EQ(labels(123'456'789'012, -1'000'000), Labels("  1.23e+11 ", "-1,000,000 "));
  EXPECT_EQ(labels(0.000456, 0), Labels("0.000456 ", "       0 "));
  EXPECT_EQ(labels(-90.9, -1450), Labels(" -90.9 ", "-1,450 "));
}

}  // namespace
}  // namespace polyak
