// Pieces that charts are made of.
#pragma once

#include <string>
#include <vector>

#include "app/drawing/scene.hpp"

namespace polyak {

/// Colours of a scale from the least to the most, which the page's style makes to stand out from
/// its background more and more: "scale-0" to "scale-5". They colour what is drawn in currentColor.
inline constexpr std::size_t scale_levels = 6;
std::string scale_class(std::size_t level);

/// The colour of what is pointed out.
inline constexpr const char* highlight_class = "highlight";

/// anchor: "start", "middle" or "end".
std::string text_svg(const Point& at, const char* anchor, const std::string& text);

std::string segment_svg(const Point& from, const Point& to);

/// The d of a path through points, to a tenth of a pixel: "M1 2 3.5 4".
std::string line_path(const std::vector<Point>& points);

}  // namespace polyak
