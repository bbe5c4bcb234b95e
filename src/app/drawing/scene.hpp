// Pictures that move, as shapes: what an SVG and a GIF are made from.
#pragma once

#include <string>
#include <vector>

#include "io/gif.hpp"

namespace polyak {

/// In pixels; y grows downwards.
struct Point {
  double x, y;
};

/// A line through the points with round ends and joints; of a single point, a disc.
struct Shape {
  std::vector<Point> points;
  double width;  // of the line, or the disc's diameter
  RgbColour colour;
};

/// Where a part is: turned clockwise about its own origin, which is then moved to (x, y).
struct Placement {
  double x = 0.0, y = 0.0, degrees = 0.0;
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// What moves as one.
struct Part {
  std::vector<Shape> shapes;
  std::vector<Placement> frames = {{}};  // [Scene::frames], or a single one for what stands still
};

/// Words of a picture, which a GIF goes without.
struct Label {
  Point left;
  std::string text;
};

struct Scene {
  std::string title;
  int width, height;  // pixels
  std::size_t frames;
  double seconds;           // from the first frame to the last
  std::vector<Part> parts;  // later ones are drawn over earlier ones
  std::vector<Label> labels = {};
};

/// Colours that can be read on white and on dark pages.
inline constexpr RgbColour grey{0x80, 0x88, 0x90}, blue{0x1f, 0x83, 0xd6}, red{0xe0, 0x53, 0x3d},
    orange{0xe0, 0x8a, 0x1e}, green{0x2c, 0xa0, 0x5a};

/// "#1f83d6".
std::string colour_text(const RgbColour& colour);

}  // namespace polyak
