// Charts as SVG: lines, bands and dots over two axes, readable at any width and in light and dark
// pages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/drawing/axis.hpp"
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

/// Many dots of one colour, which the page's style gives their class.
struct ChartDots {
  std::vector<Point> points;
  std::string colour_class;
  double width = 4.0;     // pixels
  double opacity = 1.0;   // of all of them
  std::string name = {};  // attribute data-dots
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
  std::vector<ChartDots> dots = {};
  std::vector<ChartBand> bands = {};  // over the dots
  std::vector<ChartLine> lines = {};  // over the bands
  std::vector<ChartMark> marks = {};
  int width = 480, height = 270;
  // Of lines and bands where they are not given; then all that is shown must be within them.
  std::optional<Axis> x_axis = {}, y_axis = {};
};

/// An <svg> element. Its attributes data-left, data-right, data-top, data-bottom have the axes'
/// values at the plot's edges, data-x-scale="logarithmic" says of the horizontal one that it is,
/// and data-plot has the edges in pixels: left, right, top, bottom.
std::string chart_svg(const Chart& chart);

}  // namespace polyak
