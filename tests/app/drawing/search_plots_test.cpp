// Interval plots and parallel coordinates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "app/drawing/interval_plot.hpp"
#include "app/drawing/parallel_plot.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(IntervalPlot, MarksAreAtTheirValues) {
  IntervalPlot plot{"A <title>", "score"};
  plot.x_axis = {0.0, 10.0, false, {}};
  plot.rows = {
      {"heading"},
      {"row", {{5.0, 2.5, 20.0, "scale-1"}, {0.0, std::nan(""), std::nan(""), "highlight", true}}}};
  const std::string svg = interval_plot_svg(plot);
  // Labels take 16 and 7.9 for each letter: the plot is 39.7 to 460.
  EXPECT_THAT(svg, HasSubstr(R"(data-plot="39.7 460")"));
  EXPECT_THAT(svg, HasSubstr(R"(<g data-row="row">)"));
  EXPECT_THAT(svg, HasSubstr(R"(<circle cx="249.85" cy="39.5" r="4.2" class="solid"/>)"));
  EXPECT_THAT(svg, HasSubstr(R"(<circle cx="39.7" cy="48.5" r="4.2" class="hollow"/>)"));
  EXPECT_THAT(svg, HasSubstr(R"(<line x1="144.78" y1="39.5" x2="460" y2="39.5"/>)")) << "cut off";
  EXPECT_THAT(svg, HasSubstr(">heading</text>"));
  EXPECT_THAT(svg, HasSubstr("A &lt;title&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

ParallelPlot three_axes() {
  ParallelPlot plot{"All", {}, {}};
  plot.axes = {{"learning-rate-critic", {1e-4, 1e-2, true, {}}, ""},
               {"algorithm", choice_axis({"ddpg", "td3"}), "unused"},
               {"score", {-100.0, 0.0, false, {}}, "failed"}};
  return plot;
}

TEST(ParallelPlot, LinesGoThroughTheirValues) {
  ParallelPlot plot = three_axes();
  plot.lines = {{{1e-3, 0.0, -50.0}, 0},
                {{1e-2, std::nan(""), std::nan("")}, 0},
                {{1e-4, 1.0, -1000.0}, 3, "trial 7"}};
  const std::string svg = parallel_plot_svg(plot);
  // Axes at 66, 440 and 814, from 380 up to 62; what is not there is at 404.
  EXPECT_THAT(svg, HasSubstr(R"(d="M66 221 440 300.5 814 221M66 62 440 404 814 404")"));
  EXPECT_THAT(svg, HasSubstr(R"(d="M66 380 440 141.5 814 380")"));
  EXPECT_THAT(svg, HasSubstr(R"(data-line="trial 7")"));
  EXPECT_THAT(
      svg,
      HasSubstr(
          R"(<g data-axis="score" data-bottom="-100" data-top="0" data-scale="linear" data-plot="814 62 380 404">)"));
  EXPECT_THAT(svg, HasSubstr(">learning-rate-</text>"));
  EXPECT_THAT(svg, HasSubstr(">unused</text>"));
}

TEST(ParallelPlot, ThousandsOfLinesAreAFewPaths) {
  ParallelPlot plot = three_axes();
  for (int i = 0; i < 2000; ++i) {
    const double share = i / 2000.0;
    plot.lines.push_back(
        {{1e-4 * std::pow(100.0, share), share, -100.0 * share}, static_cast<std::size_t>(i % 6)});
  }
  const std::string svg = parallel_plot_svg(plot);
  EXPECT_LT(svg.size(), 100'000u);
  EXPECT_THAT(svg, HasSubstr(R"(data-level="5")"));
}

}  // namespace
}  // namespace polyak
