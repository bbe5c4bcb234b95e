#include "app/drawing/svg_shapes.hpp"

#include "app/drawing/markup.hpp"

namespace polyak {

std::string scale_class(std::size_t level) { return "scale-" + std::to_string(level); }

std::string text_svg(const Point& at, const char* anchor, const std::string& text) {
  return element("text",
                 {{"x", coordinate(at.x)}, {"y", coordinate(at.y)}, {"text-anchor", anchor}},
                 escape_markup(text));
}

std::string segment_svg(const Point& from, const Point& to) {
  return element("line", {{"x1", coordinate(from.x)},
                          {"y1", coordinate(from.y)},
                          {"x2", coordinate(to.x)},
                          {"y2", coordinate(to.y)}});
}

std::string line_path(const std::vector<Point>& points) {
  std::string path;
  for (const Point& point : points) {
    path += path.empty() ? 'M' : ' ';
    path += with_decimals(point.x, 1) + " " + with_decimals(point.y, 1);
  }
  return path;
}

}  // namespace polyak
