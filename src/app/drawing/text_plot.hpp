// Curves in characters.
#pragma once

#include <string>
#include <vector>

#include "app/drawing/scene.hpp"

namespace polyak {

/// How much room a plot has, and in which characters it is drawn: braille patterns of 2 x 4 dots,
/// or stars where there is no UTF-8.
struct TextPlotSize {
  std::size_t width, height;  // characters, axes and their numbers included
  bool utf8;
};

/// The lines of a plot of a curve (y upwards), its highest and lowest values and its first and last
/// x at its edges. points: at least one, x not falling; what is not finite is left out.
std::vector<std::string> text_plot(const std::vector<Point>& points, const TextPlotSize& size);

}  // namespace polyak
