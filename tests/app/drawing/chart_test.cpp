// Charts.
#include "app/drawing/chart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>
#include <set>

namespace polyak {
namespace {

using testing::HasSubstr;
using testing::Not;

Chart two_lines() {
  Chart chart{"A <title>", "steps", "return"};
  chart.lines.push_back({{{0, -10}, {100, 10}}, blue, 1.0, 1.0, "run 0 agent 0"});
  chart.bands.push_back({{{0, -10}, {100, 0}}, {{0, 0}, {100, 10}}, red});
  return chart;
}

TEST(Chart, LinesGoFromEdgeToEdge) {
  const std::string svg = chart_svg(two_lines());
  // The plot is 62 to 460 and 10 to 230; above and below there is a 25th of the range.
  EXPECT_THAT(svg, HasSubstr(R"(data-plot="62 460 10 230")"));
  EXPECT_THAT(svg, HasSubstr(R"(data-left="0" data-right="100")"));
  EXPECT_THAT(svg, HasSubstr(R"(<polyline points="62,221.85 460,18.15")"));
  EXPECT_THAT(svg, HasSubstr(R"(data-line="run 0 agent 0")"));
  EXPECT_THAT(svg, HasSubstr(R"(<polygon points="62,221.85 460,120 460,18.15 62,120")"));
  EXPECT_THAT(svg, HasSubstr("<title>A &lt;title&gt;</title>"));
}

TEST(Chart, WhatIsNoNumberIsLeftOut) {
  Chart chart = two_lines();
  chart.lines[0].points.insert(chart.lines[0].points.begin() + 1,
                               {50, std::numeric_limits<double>::quiet_NaN()});
  const std::string svg = chart_svg(chart);
  EXPECT_THAT(svg, HasSubstr(R"(<polyline points="62,221.85 460,18.15")"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(Chart, OfOneValueOrNoneThereIsAChartAllTheSame) {
  for (const std::vector<Point>& points : {std::vector<Point>{}, {{5, 3}}, {{5, 0}, {6, 0}}}) {
    Chart chart{"", "", ""};
    chart.lines.push_back({points, blue});
    const std::string svg = chart_svg(chart);
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

TEST(Chart, AMarkGoesAlongItsLine) {
  Chart chart = two_lines();
  chart.marks.push_back({{{0, -10}, {50, 0}, {100, 10}}, 4.0, "mark"});
  const std::string svg = chart_svg(chart);
  EXPECT_THAT(svg, HasSubstr(".mark{animation:mark 4s linear infinite}"));
  EXPECT_THAT(svg, HasSubstr("50%{transform:translate(261px,120px)}"));
}

TEST(Chart, DotsAreOnePathOnGivenAxes) {
  Chart chart{"", "rate", "score"};
  chart.x_axis = Axis{1e-4, 1e-2, true, {}};
  chart.y_axis = Axis{0.0, 10.0, false, {}};
  chart.dots.push_back({{{1e-3, 5.0}, {1e-4, 10.0}, {std::nan(""), 1.0}}, "scale-2"});
  chart.dots.back().name = "rung 0";
  const std::string svg = chart_svg(chart);
  EXPECT_THAT(svg, HasSubstr(R"(<path class="scale-2" d="M261 120h0M62 10h0")"));
  EXPECT_THAT(svg, HasSubstr(R"(data-dots="rung 0")"));
  EXPECT_THAT(svg, HasSubstr(R"(data-x-scale="logarithmic")"));
  EXPECT_THAT(svg, HasSubstr(">0.001</text>"));
}

TEST(Chart, NumbersAtTheAxesFitTheMargin) {
  for (const double high : {1e300, 3e20, 4e12, 7e9, 2500.0, 0.3, 6e-5, 2e-9}) {
    Chart chart{"", "", ""};
    chart.lines.push_back({{{0, -high}, {high, high}}, blue, 1.0, 1.0, ""});
    const std::string svg = chart_svg(chart);
    const std::regex number("\">([-0-9.e+kM]+)</text>");
    const std::sregex_iterator first(svg.begin(), svg.end(), number), end;
    std::set<std::string> texts;
    for (auto text = first; text != end; ++text) texts.insert((*text)[1]);
    EXPECT_GE(texts.size(), 4u) << high << ": the marks are told apart";
    for (const std::string& text : texts) EXPECT_LE(text.size(), 9u) << text;
  }
}

}  // namespace
}  // namespace polyak
