#include "app/drawing/text_plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "app/output/report.hpp"

namespace polyak {
namespace {

/// Dots that are set or not.
class DotMatrix {
 public:
  DotMatrix(std::size_t width, std::size_t height)
      : width_(width), height_(height), dots_(width * height, false) {}

  bool at(std::size_t x, std::size_t y) const { return dots_[y * width_ + x]; }

  /// A line between two places, each 0 to 1 along the sides, y downwards.
  void draw(const Point& from, const Point& to) {
    const double across = static_cast<double>(width_ - 1), down = static_cast<double>(height_ - 1);
    const double x = from.x * across, y = from.y * down;
    const double dx = to.x * across - x, dy = to.y * down - y;
    const auto steps =
        static_cast<std::size_t>(std::ceil(std::max(std::abs(dx), std::abs(dy)))) + 1;
    for (std::size_t i = 0; i <= steps; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(steps);
      const auto column = static_cast<std::size_t>(std::lround(x + share * dx));
      dots_[static_cast<std::size_t>(std::lround(y + share * dy)) * width_ + column] = true;
    }
  }

 private:
  std::size_t width_, height_;
  std::vector<bool> dots_;
};

/// Of the character at (column, row) of 2 x 4 dots: U+2800 and a bit for each, as Unicode numbers
/// them.
std::string braille(const DotMatrix& dots, std::size_t column, std::size_t row) {
  constexpr std::array<std::array<unsigned, 2>, 4> bits = {
      {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}};
  unsigned pattern = 0;
  for (std::size_t y = 0; y < 4; ++y) {
    for (std::size_t x = 0; x < 2; ++x) {
      if (dots.at(2 * column + x, 4 * row + y)) pattern |= bits.at(y).at(x);
    }
  }
  if (pattern == 0) return " ";
  return {'\xE2', static_cast<char>(0xA0 | pattern >> 6),
          static_cast<char>(0x80 | (pattern & 0x3f))};
}

/// As wide as the number needs: with powers of ten where that is shorter than all of its digits, or
/// where two decimals would leave nothing of it.
std::string label_of(double value) {
  constexpr std::size_t widest = 10;  // -1,000,000
  std::string plain = format_quantity(value);
  const bool vanishes = value != 0.0 && std::abs(value) < 0.01;
  if (plain.size() <= widest && !vanishes) return plain;
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::string padded_left(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

}  // namespace

std::vector<std::string> text_plot(const std::vector<Point>& points, const TextPlotSize& size) {
  std::vector<Point> shown;
  for (const Point& point : points) {
    if (std::isfinite(point.x) && std::isfinite(point.y)) shown.push_back(point);
  }
  if (shown.empty()) return {};
  const auto [lowest, highest] = std::minmax_element(
      shown.begin(), shown.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
  const double left = shown.front().x, low = lowest->y, high = highest->y;
  const double x_range = std::max(shown.back().x - left, 1e-12), y_range = high - low;
  const auto place = [&](const Point& point) {
    return Point{(point.x - left) / x_range, y_range > 0.0 ? (high - point.y) / y_range : 0.5};
  };
  const std::string top = label_of(high), bottom = label_of(low);
  const std::size_t label = std::max(top.size(), bottom.size());
  const std::size_t columns =
      std::max<std::size_t>(8, size.width - std::min(size.width, label + 2));
  const std::size_t rows =
      std::max<std::size_t>(2, size.height - std::min<std::size_t>(size.height, 1));
  DotMatrix dots(size.utf8 ? 2 * columns : columns, size.utf8 ? 4 * rows : rows);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    dots.draw(place(shown[i == 0 ? 0 : i - 1]), place(shown[i]));
  }
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < rows; ++row) {
    std::string line = padded_left(row == 0 ? top : row + 1 == rows ? bottom : "", label);
    line += size.utf8 ? " \u2502" : " |";
    for (std::size_t column = 0; column < columns; ++column) {
      line += size.utf8 ? braille(dots, column, row) : dots.at(column, row) ? "*" : " ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(line);
  }
  const std::string first = format_quantity(left), last = format_quantity(shown.back().x);
  lines.push_back(std::string(label + 2, ' ') + first +
                  padded_left(last, columns - std::min(columns, first.size())));
  return lines;
}

}  // namespace polyak
