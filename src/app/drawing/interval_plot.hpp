// Values with their intervals, a row each, over one axis.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/drawing/axis.hpp"

namespace polyak {

/// A dot on a line from low to high; without the line where these are NaN, nothing where all are.
struct IntervalMark {
  double value, low, high;
  std::string colour_class;
  bool is_hollow = false;
};

struct IntervalRow {
  std::string label;
  std::vector<IntervalMark> marks = {};  // one below the other; none: a heading
};

struct IntervalPlot {
  std::string title;  // for those who cannot see it
  std::string x_label;
  std::vector<IntervalRow> rows = {};
  Axis x_axis = {};                   // what is beyond it is drawn at its ends
  std::optional<double> middle = {};  // a value with a line of its own
  bool joins_marks = false;           // by a line from each to the next
};

/// An <svg> element with the attributes of a chart's for its horizontal axis; each row with marks
/// is a <g data-row="label"> with a <circle> for each mark.
std::string interval_plot_svg(const IntervalPlot& plot);

}  // namespace polyak
