// Parallel coordinates: an upright axis for each quantity, and a line across all of them for each
// thing that has a value of each.
#pragma once

#include <string>
#include <vector>

#include "app/drawing/axis.hpp"

namespace polyak {

struct ParallelAxis {
  std::string name;
  Axis axis;            // what is below it is drawn at its end
  std::string missing;  // what a place below the axis is called, for lines without a value
};

struct ParallelLine {
  std::vector<double> values;    // [axes], NaN where there is none
  std::size_t level;             // of its colour, 0 to scale_levels - 1
  std::string name = {};         // of one that is pointed out; attribute data-line
  std::string description = {};  // shown with that name to who points at the line
};

struct ParallelPlot {
  std::string title;  // for those who cannot see it
  std::vector<ParallelAxis> axes;
  std::vector<ParallelLine> lines;  // higher levels are drawn over lower ones, named ones over all
};

/// An <svg> element. All lines of a level are one <path data-level="2">, of as few letters as can
/// be: a page has thousands of them. Each axis is a <g data-axis="name"> with the attributes
/// data-bottom, data-top (values), data-scale and data-plot (pixels: x, top, bottom, missing).
std::string parallel_plot_svg(const ParallelPlot& plot);

}  // namespace polyak
