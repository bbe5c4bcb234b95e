// Charts as SVG: lines and bands over two axes, readable at any width and in light and dark pages.
#pragma once

#include <string>
#include <vector>

#include "app/drawing/scene.hpp"

namespace polyak {

struct ChartLine {
  std::vector<Point> points;  // in the axes' units, y upwards
  RgbColour colour;
  double width = 1.8;     // pixels
  double opacity = 1.0;   // below 1 for what stands in the background
  std::string name = {};  // attribute data-line
};

/// Between two lines, with as many points each.
struct ChartBand {
  std::vector<Point> low, high;
  RgbColour colour;
};

/// A mark that goes along a line, in as many seconds as its picture.
struct ChartMark {
  std::vector<Point> points;
  double seconds;
  std::string name;  // of its animation
};

struct Chart {
  std::string title;  // for those who cannot see it
  std::string x_label, y_label;
  std::vector<ChartBand> bands = {};
  std::vector<ChartLine> lines = {};  // over the bands
  std::vector<ChartMark> marks = {};
  int width = 480, height = 270;
};

/// An <svg> element. Its attributes data-left, data-right, data-top, data-bottom have the axes'
/// values at the plot's edges, and data-plot the edges in pixels: left, right, top, bottom.
std::string chart_svg(const Chart& chart);

/// Values at which an axis from `low` to `high` has its marks: round ones, about `count` of them.
std::vector<double> axis_ticks(double low, double high, int count);

}  // namespace polyak
