#include "app/drawing/raster.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <unordered_map>

namespace polyak {
namespace {

constexpr RgbColour background{255, 255, 255};

double distance_to_segment(const Point& point, const Point& from, const Point& to) {
  const double dx = to.x - from.x, dy = to.y - from.y;
  const double squared = dx * dx + dy * dy;
  double share = 0.0;
  if (squared > 0.0) {
    share = std::clamp(((point.x - from.x) * dx + (point.y - from.y) * dy) / squared, 0.0, 1.0);
  }
  return std::hypot(point.x - from.x - share * dx, point.y - from.y - share * dy);
}

double distance_to_line(const Point& point, const std::vector<Point>& line) {
  double nearest = distance_to_segment(point, line.front(), line.front());
  for (std::size_t i = 1; i < line.size(); ++i) {
    nearest = std::min(nearest, distance_to_segment(point, line[i - 1], line[i]));
  }
  return nearest;
}

std::vector<Point> placed(const std::vector<Point>& points, const Placement& place) {
  const double angle = place.degrees * std::numbers::pi / 180.0;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  std::vector<Point> result;
  for (const Point& point : points) {
    result.push_back(
        {place.x + cosine * point.x - sine * point.y, place.y + sine * point.x + cosine * point.y});
  }
  return result;
}

/// One frame in the making.
class Canvas {
 public:
  Canvas(int width, int height)
      : width_(width),
        height_(height),
        pixels_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), background) {}

  const std::vector<RgbColour>& pixels() const { return pixels_; }

  void draw(const Shape& shape, const Placement& place) {
    const std::vector<Point> line = placed(shape.points, place);
    const auto [left, right] = std::minmax_element(
        line.begin(), line.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
    const auto [top, bottom] = std::minmax_element(
        line.begin(), line.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
    const double reach = shape.width / 2.0 + 1.0;
    const auto first = [&](double value) { return std::max(0, static_cast<int>(value - reach)); };
    const int last_x = std::min(width_ - 1, static_cast<int>(right->x + reach));
    const int last_y = std::min(height_ - 1, static_cast<int>(bottom->y + reach));
    for (int y = first(top->y); y <= last_y; ++y) {
      const std::size_t row = static_cast<std::size_t>(y) * static_cast<std::size_t>(width_);
      for (int x = first(left->x); x <= last_x; ++x) {
        const double beyond = distance_to_line({x + 0.5, y + 0.5}, line) - shape.width / 2.0;
        blend(pixels_[row + static_cast<std::size_t>(x)], shape.colour,
              std::clamp(0.5 - beyond, 0.0, 1.0));
      }
    }
  }

 private:
  static void blend(RgbColour& pixel, const RgbColour& colour, double share) {
    const auto mixed = [share](std::uint8_t below, std::uint8_t above) {
      return static_cast<std::uint8_t>(std::lround(below + share * (above - below)));
    };
    pixel = {mixed(pixel.red, colour.red), mixed(pixel.green, colour.green),
             mixed(pixel.blue, colour.blue)};
  }

  int width_, height_;
  std::vector<RgbColour> pixels_;
};

/// The background, and each colour of the scene in steps from the background, for soft edges.
std::vector<RgbColour> palette_of(const Scene& scene) {
  std::vector<RgbColour> colours;
  for (const Part& part : scene.parts) {
    for (const Shape& shape : part.shapes) {
      if (std::find(colours.begin(), colours.end(), shape.colour) == colours.end()) {
        colours.push_back(shape.colour);
      }
    }
  }
  const int steps =
      static_cast<int>((GifWriter::max_colours - 1) / std::max<std::size_t>(1, colours.size()));
  std::vector<RgbColour> palette = {background};
  for (const RgbColour& colour : colours) {
    for (int step = 1; step <= steps; ++step) {
      const auto mixed = [&](std::uint8_t below, std::uint8_t above) {
        return static_cast<std::uint8_t>(below + step * (above - below) / steps);
      };
      palette.push_back({mixed(background.red, colour.red), mixed(background.green, colour.green),
                         mixed(background.blue, colour.blue)});
    }
  }
  return palette;
}

/// Pixels as the nearest entries of a palette.
class Quantiser {
 public:
  explicit Quantiser(std::vector<RgbColour> palette) : palette_(std::move(palette)) {}

  std::vector<std::uint8_t> operator()(const std::vector<RgbColour>& pixels) {
    std::vector<std::uint8_t> indices;
    indices.reserve(pixels.size());
    for (const RgbColour& pixel : pixels) {
      const int key = pixel.red << 16 | pixel.green << 8 | pixel.blue;
      const auto [known, is_new] = known_.try_emplace(key, std::uint8_t{0});
      if (is_new) known->second = nearest(pixel);
      indices.push_back(known->second);
    }
    return indices;
  }

 private:
  std::uint8_t nearest(const RgbColour& colour) const {
    const auto distance = [&](const RgbColour& other) {
      const int red = other.red - colour.red, green = other.green - colour.green,
                blue = other.blue - colour.blue;
      return red * red + green * green + blue * blue;
    };
    const auto best = std::min_element(
        palette_.begin(), palette_.end(),
        [&](const RgbColour& a, const RgbColour& b) { return distance(a) < distance(b); });
    return static_cast<std::uint8_t>(best - palette_.begin());
  }

  std::vector<RgbColour> palette_;
  std::unordered_map<int, std::uint8_t> known_;
};

}  // namespace

std::string animated_gif(const Scene& scene) {
  const std::vector<RgbColour> palette = palette_of(scene);
  const double gaps = static_cast<double>(std::max<std::size_t>(2, scene.frames) - 1);
  const auto hundredths = std::max(2L, std::lround(100.0 * scene.seconds / gaps));
  GifWriter gif(scene.width, scene.height, palette, static_cast<int>(hundredths));
  Quantiser quantise(palette);
  // What stands still below everything that moves is drawn once.
  Canvas still(scene.width, scene.height);
  auto part = scene.parts.begin();
  for (; part != scene.parts.end() && part->frames.size() == 1; ++part) {
    for (const Shape& shape : part->shapes) still.draw(shape, part->frames.front());
  }
  for (std::size_t frame = 0; frame < scene.frames; ++frame) {
    Canvas canvas = still;
    for (auto moving = part; moving != scene.parts.end(); ++moving) {
      const Placement& place = moving->frames[std::min(frame, moving->frames.size() - 1)];
      for (const Shape& shape : moving->shapes) canvas.draw(shape, place);
    }
    gif.add(quantise(canvas.pixels()));
  }
  return gif.finish();
}

}  // namespace polyak
