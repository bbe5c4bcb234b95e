#include "app/drawing/parallel_plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/drawing/markup.hpp"
#include "app/drawing/svg_shapes.hpp"

namespace polyak {
namespace {

constexpr double parallel_height = 430.0, axis_top = 62.0, axis_bottom = 380.0,
                 missing_place = 404.0;
constexpr double side_margin = 66.0, axis_distance = 112.0, least_width = 880.0;

double width_of(const ParallelPlot& plot) {
  const double between = axis_distance * static_cast<double>(plot.axes.size() - 1);
  return std::max(least_width, 2.0 * side_margin + between);
}

double x_of(const ParallelPlot& plot, std::size_t axis) {
  if (plot.axes.size() == 1) return 0.5 * width_of(plot);
  const double share = static_cast<double>(axis) / static_cast<double>(plot.axes.size() - 1);
  return side_margin + share * (width_of(plot) - 2.0 * side_margin);
}

double y_of(const Axis& axis, double value) {
  if (std::isnan(value)) return missing_place;
  return axis_bottom - std::clamp(place_on(axis, value), 0.0, 1.0) * (axis_bottom - axis_top);
}

std::vector<Point> places_of(const ParallelPlot& plot, const ParallelLine& line) {
  std::vector<Point> points;
  for (std::size_t axis = 0; axis < plot.axes.size(); ++axis) {
    points.push_back({x_of(plot, axis), y_of(plot.axes[axis].axis, line.values[axis])});
  }
  return points;
}

/// The lines of a level that have no name. Of many lines each is fainter.
std::string level_svg(const ParallelPlot& plot, std::size_t level) {
  std::string path;
  std::size_t count = 0;
  for (const ParallelLine& line : plot.lines) {
    if (line.level != level || !line.name.empty()) continue;
    path += line_path(places_of(plot, line));
    ++count;
  }
  if (path.empty()) return "";
  const double opacity =
      std::clamp(6.0 / std::sqrt(static_cast<double>(count)), 0.22, level == 0 ? 0.6 : 0.9);
  return element("path", {{"class", scale_class(level)},
                          {"d", path},
                          {"fill", "none"},
                          {"stroke", "currentColor"},
                          {"stroke-width", level < 2 ? "0.8" : "1.1"},
                          {"stroke-opacity", with_decimals(opacity, 2)},
                          {"stroke-linejoin", "round"},
                          {"data-level", std::to_string(level)}});
}

std::string named_line_svg(const ParallelPlot& plot, const ParallelLine& line) {
  return element("path",
                 {{"class", highlight_class},
                  {"d", line_path(places_of(plot, line))},
                  {"fill", "none"},
                  {"stroke", "currentColor"},
                  {"stroke-width", "2.4"},
                  {"stroke-linejoin", "round"},
                  {"data-line", escape_markup(line.name)}},
                 element("title", {}, escape_markup(line.name + ": " + line.description)));
}

/// "learning-rate-critic" in the lines that fit between two axes: "learning-rate-", "critic".
std::vector<std::string> name_lines(const std::string& name) {
  constexpr std::size_t longest = 14;
  std::vector<std::string> lines(1);
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('-', begin), name.size() - 1) + 1;
    const std::string part = name.substr(begin, end - begin);
    if (!lines.back().empty() && lines.back().size() + part.size() > longest) lines.emplace_back();
    lines.back() += part;
    begin = end;
  }
  return lines;
}

std::string parallel_axis_svg(const ParallelPlot& plot, std::size_t index) {
  const ParallelAxis& axis = plot.axes[index];
  const double x = x_of(plot, index);
  std::string lines = segment_svg({x, axis_top}, {x, axis_bottom}), texts;
  for (const auto& [value, text] : axis_marks(axis.axis, 6)) {
    const double y = y_of(axis.axis, value);
    lines += segment_svg({x - 4.0, y}, {x, y});
    texts += text_svg({x - 7.0, y + 4.0}, "end", text);
  }
  if (!axis.missing.empty()) texts += text_svg({x - 7.0, missing_place + 4.0}, "end", axis.missing);
  const std::vector<std::string> name = name_lines(axis.name);
  double y = axis_top - 14.0 - 15.0 * static_cast<double>(name.size() - 1);
  std::string names;
  for (const std::string& line : name) {
    names += text_svg({x, y}, "middle", line);
    y += 15.0;
  }
  char low[40], high[40];
  std::snprintf(low, sizeof low, "%.17g", axis.axis.low);
  std::snprintf(high, sizeof high, "%.17g", axis.axis.high);
  return element(
      "g",
      {{"data-axis", escape_markup(axis.name)},
       {"data-bottom", low},
       {"data-top", high},
       {"data-scale", axis.axis.is_logarithmic ? "logarithmic" : "linear"},
       {"data-plot", coordinate(x) + " " + coordinate(axis_top) + " " + coordinate(axis_bottom) +
                         " " + coordinate(missing_place)}},
      "\n" + element("g", {{"stroke", "currentColor"}, {"stroke-opacity", "0.7"}}, "\n" + lines) +
          element("g", {{"fill", "currentColor"}, {"font-size", "12"}, {"class", "halo"}},
                  "\n" + texts) +
          element("g", {{"fill", "currentColor"}, {"font-size", "12"}, {"font-weight", "600"}},
                  "\n" + names));
}

}  // namespace

std::string parallel_plot_svg(const ParallelPlot& plot) {
  std::string body = "\n" + element("title", {}, escape_markup(plot.title));
  for (std::size_t level = 0; level < scale_levels; ++level) body += level_svg(plot, level);
  for (const ParallelLine& line : plot.lines) {
    if (!line.name.empty()) body += named_line_svg(plot, line);
  }
  for (std::size_t axis = 0; axis < plot.axes.size(); ++axis) body += parallel_axis_svg(plot, axis);
  return element(
      "svg",
      {{"class", "chart parallel"},
       {"viewBox", "0 0 " + coordinate(width_of(plot)) + " " + coordinate(parallel_height)},
       {"role", "img"},
       // Where there is less room, it is better moved than made smaller still.
       {"style", "min-width:" + with_decimals(0.85 * width_of(plot), 0) + "px"}},
      body);
}

}  // namespace polyak
