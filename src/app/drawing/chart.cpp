#include "app/drawing/chart.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "app/drawing/markup.hpp"
#include "app/drawing/svg.hpp"

namespace polyak {
namespace {

constexpr int left_margin = 62, right_margin = 20, top_margin = 10, bottom_margin = 40;

/// The values that an axis shows.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// Never empty; with some space to either side.
  void widen(double share) {
    if (!(low <= high)) low = 0.0, high = 1.0;
    if (low == high) {
      const double space = std::max(std::abs(low) * 0.05, 1e-6);
      low -= space;
      high += space;
    }
    const double space = share * (high - low);
    low -= space;
    high += space;
  }
};

/// The axes, and where values are on the page.
struct Plot {
  Range x, y;
  double left, right, top, bottom;  // pixels

  Point at(const Point& value) const {
    return {left + (value.x - x.low) / (x.high - x.low) * (right - left),
            bottom - (value.y - y.low) / (y.high - y.low) * (bottom - top)};
  }
};

Plot plot_of(const Chart& chart) {
  Plot plot{{},          {},
            left_margin, static_cast<double>(chart.width - right_margin),
            top_margin,  static_cast<double>(chart.height - bottom_margin)};
  const auto include = [&](const std::vector<Point>& points) {
    for (const Point& point : points) {
      if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
      plot.x.include(point.x);
      plot.y.include(point.y);
    }
  };
  for (const ChartLine& line : chart.lines) include(line.points);
  for (const ChartBand& band : chart.bands) {
    include(band.low);
    include(band.high);
  }
  plot.x.widen(0.0);
  plot.y.widen(0.04);
  return plot;
}

std::string points_text(const Plot& plot, const std::vector<Point>& points) {
  std::string text;
  for (const Point& point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    const Point at = plot.at(point);
    text += (text.empty() ? "" : " ") + coordinate(at.x) + "," + coordinate(at.y);
  }
  return text;
}

/// 12000 -> "12k"; as few digits as tell the marks apart. Powers of ten where these would be many.
std::string tick_text(double value, double step) {
  const double size = std::abs(value);
  constexpr double largest_plain = 1e10, smallest_plain = 1e-4;
  if (size >= largest_plain || (size < smallest_plain && size > 0.5 * step)) {
    const int digits =
        std::clamp(static_cast<int>(std::ceil(std::log10(size / step) - 1e-9)), 0, 6);
    char power[48];
    std::snprintf(power, sizeof power, "%.*e", digits, value);
    return power;
  }
  const bool millions = size >= 1e6, thousands = !millions && size >= 1e4;
  const double unit = millions ? 1e6 : thousands ? 1e3 : 1.0;
  const int decimals =
      std::clamp(static_cast<int>(std::ceil(-std::log10(step / unit) - 1e-9)), 0, 6);
  char text[48];
  // What rounding has left of nothing is no -0.
  std::snprintf(text, sizeof text, "%.*f%s", decimals, size < 1e-9 * step ? 0.0 : value / unit,
                millions    ? "M"
                : thousands ? "k"
                            : "");
  return text;
}

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

double distance_of(const std::vector<double>& ticks) {
  return ticks.size() > 1 ? ticks[1] - ticks[0] : 1.0;
}

std::string axes_svg(const Chart& chart, const Plot& plot) {
  std::string lines = "\n", texts = "\n";
  const std::vector<double> rows = axis_ticks(plot.y.low, plot.y.high, chart.height / 60);
  for (const double value : rows) {
    const double y = plot.at({plot.x.low, value}).y;
    lines += segment_svg({plot.left, y}, {plot.right, y});
    texts += text_svg({plot.left - 6.0, y + 4.0}, "end", tick_text(value, distance_of(rows)));
  }
  const std::vector<double> columns = axis_ticks(plot.x.low, plot.x.high, chart.width / 100);
  for (const double value : columns) {
    const double x = plot.at({value, plot.y.low}).x;
    lines += segment_svg({x, plot.bottom}, {x, plot.bottom + 4.0});
    texts += text_svg({x, plot.bottom + 16.0}, "middle", tick_text(value, distance_of(columns)));
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

std::vector<double> axis_ticks(double low, double high, int count) {
  const double rough = (high - low) / std::max(1, count);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10.0 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (rough <= factor * power) step = factor * power;
  }
  std::vector<double> ticks;
  for (double index = std::ceil(low / step - 1e-9); index * step <= high + 1e-9 * step; ++index) {
    ticks.push_back(index * step);
  }
  return ticks;
}

std::string chart_svg(const Chart& chart) {
  const Plot plot = plot_of(chart);
  const auto value = [](double number) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", number);
    return std::string(text);
  };
  std::string body =
      "\n" + element("title", {}, escape_markup(chart.title)) + axes_svg(chart, plot);
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
       {"data-left", value(plot.x.low)},
       {"data-right", value(plot.x.high)},
       {"data-top", value(plot.y.high)},
       {"data-bottom", value(plot.y.low)},
       {"data-plot", coordinate(plot.left) + " " + coordinate(plot.right) + " " +
                         coordinate(plot.top) + " " + coordinate(plot.bottom)}},
      body);
}

}  // namespace polyak
