#include "app/drawing/chart.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/drawing/markup.hpp"
#include "app/drawing/svg.hpp"
#include "app/drawing/svg_shapes.hpp"

namespace polyak {
namespace {

constexpr int left_margin = 62, right_margin = 20, top_margin = 10, bottom_margin = 40;

/// The axes, and where values are on the page.
struct Plot {
  Axis x, y;
  double left, right, top, bottom;  // pixels

  Point at(const Point& value) const {
    return {left + place_on(x, value.x) * (right - left),
            bottom - place_on(y, value.y) * (bottom - top)};
  }
};

bool is_finite(const Point& point) { return std::isfinite(point.x) && std::isfinite(point.y); }

Plot plot_of(const Chart& chart) {
  std::vector<double> x, y;
  const auto include = [&](const std::vector<Point>& points) {
    for (const Point& point : points) {
      if (!is_finite(point)) continue;
      x.push_back(point.x);
      y.push_back(point.y);
    }
  };
  for (const ChartLine& line : chart.lines) include(line.points);
  for (const ChartBand& band : chart.bands) {
    include(band.low);
    include(band.high);
  }
  return {chart.x_axis ? *chart.x_axis : value_axis(x, false, 0.0),
          chart.y_axis ? *chart.y_axis : value_axis(y, false, 0.04),
          left_margin,
          static_cast<double>(chart.width - right_margin),
          top_margin,
          static_cast<double>(chart.height - bottom_margin)};
}

std::string points_text(const Plot& plot, const std::vector<Point>& points) {
  std::string text;
  for (const Point& point : points) {
    if (!is_finite(point)) continue;
    const Point at = plot.at(point);
    text += (text.empty() ? "" : " ") + coordinate(at.x) + "," + coordinate(at.y);
  }
  return text;
}

std::string axes_svg(const Chart& chart, const Plot& plot) {
  std::string lines = "\n", texts = "\n";
  for (const auto& [value, text] : axis_marks(plot.y, chart.height / 60)) {
    const double y = plot.bottom - place_on(plot.y, value) * (plot.bottom - plot.top);
    lines += segment_svg({plot.left, y}, {plot.right, y});
    texts += text_svg({plot.left - 6.0, y + 4.0}, "end", text);
  }
  for (const auto& [value, text] : axis_marks(plot.x, chart.width / 100)) {
    const double x = plot.left + place_on(plot.x, value) * (plot.right - plot.left);
    lines += segment_svg({x, plot.bottom}, {x, plot.bottom + 4.0});
    texts += text_svg({x, plot.bottom + 16.0}, "middle", text);
  }
  lines += segment_svg({plot.left, plot.bottom}, {plot.right, plot.bottom});
  const double bottom = chart.height - 6.0;
  texts += text_svg({(plot.left + plot.right) / 2.0, bottom}, "middle", chart.x_label);
  const double middle = (plot.top + plot.bottom) / 2.0;
  texts += element("g", {{"transform", "translate(13 " + coordinate(middle) + ") rotate(-90)"}},
                   text_svg({0.0, 0.0}, "middle", chart.y_label));
  return element("g", {{"stroke", "currentColor"}, {"stroke-opacity", "0.25"}}, lines) +
         element("g", {{"fill", "currentColor"}, {"font-size", "12"}}, texts);
}

/// All in one path, a line of no length with round ends for each: a page has thousands of them.
std::string dots_svg(const ChartDots& dots, const Plot& plot) {
  std::string path;
  for (const Point& point : dots.points) {
    if (!is_finite(point)) continue;
    const Point at = plot.at(point);
    path += "M" + with_decimals(at.x, 1) + " " + with_decimals(at.y, 1) + "h0";
  }
  if (path.empty()) return "";
  return element("path", {{"class", dots.colour_class},
                          {"d", path},
                          {"fill", "none"},
                          {"stroke", "currentColor"},
                          {"stroke-width", coordinate(dots.width)},
                          {"stroke-opacity", coordinate(dots.opacity)},
                          {"stroke-linecap", "round"},
                          {"data-dots", escape_markup(dots.name)}});
}

std::string band_svg(const ChartBand& band, const Plot& plot) {
  std::vector<Point> outline = band.low;
  outline.insert(outline.end(), band.high.rbegin(), band.high.rend());
  const std::string points = points_text(plot, outline);
  if (points.empty()) return "";
  return element("polygon",
                 {{"points", points}, {"fill", colour_text(band.colour)}, {"fill-opacity", "0.2"}});
}

std::string line_svg(const ChartLine& line, const Plot& plot) {
  const std::string points = points_text(plot, line.points);
  if (points.empty()) return "";
  return element("polyline", {{"points", points},
                              {"fill", "none"},
                              {"stroke", colour_text(line.colour)},
                              {"stroke-width", coordinate(line.width)},
                              {"stroke-opacity", coordinate(line.opacity)},
                              {"stroke-linejoin", "round"},
                              {"stroke-linecap", "round"},
                              {"data-line", escape_markup(line.name)}});
}

Part mark_part(const ChartMark& mark, const Plot& plot) {
  Part part{{{{{0.0, 0.0}}, 11.0, red}}, {}};
  for (const Point& point : mark.points) {
    const Point at = plot.at(point);
    part.frames.push_back({at.x, at.y, 0.0});
  }
  return part;
}

}  // namespace

std::string chart_svg(const Chart& chart) {
  const Plot plot = plot_of(chart);
  const auto value = [](double number) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", number);
    return std::string(text);
  };
  std::string body =
      "\n" + element("title", {}, escape_markup(chart.title)) + axes_svg(chart, plot);
  for (const ChartDots& dots : chart.dots) body += dots_svg(dots, plot);
  for (const ChartBand& band : chart.bands) body += band_svg(band, plot);
  for (const ChartLine& line : chart.lines) body += line_svg(line, plot);
  for (const ChartMark& mark : chart.marks) {
    const MovingPart moving = moving_part(mark_part(mark, plot), mark.name, mark.seconds);
    body += element("style", {}, "\n" + moving.style) + moving.element;
  }
  return element(
      "svg",
      {{"class", "chart"},
       {"viewBox", "0 0 " + std::to_string(chart.width) + " " + std::to_string(chart.height)},
       {"role", "img"},
       {"data-x-scale", plot.x.is_logarithmic ? "logarithmic" : "linear"},
       {"data-left", value(plot.x.low)},
       {"data-right", value(plot.x.high)},
       {"data-top", value(plot.y.high)},
       {"data-bottom", value(plot.y.low)},
       {"data-plot", coordinate(plot.left) + " " + coordinate(plot.right) + " " +
                         coordinate(plot.top) + " " + coordinate(plot.bottom)}},
      body);
}

}  // namespace polyak
