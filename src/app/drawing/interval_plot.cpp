#include "app/drawing/interval_plot.hpp"

#include <algorithm>
#include <cmath>

#include "app/drawing/markup.hpp"
#include "app/drawing/svg_shapes.hpp"

namespace polyak {
namespace {

constexpr double interval_width = 480.0, beside_rows = 20.0, above_rows = 8.0, below_rows = 44.0;
constexpr double least_row_height = 24.0, mark_distance = 9.0, dot_radius = 4.2;

struct Layout {
  const IntervalPlot& plot;
  double left, right, bottom;

  double at(double value) const {
    return left + std::clamp(place_on(plot.x_axis, value), 0.0, 1.0) * (right - left);
  }
};

/// As high as the row with the most marks needs.
double row_height_of(const IntervalPlot& plot) {
  std::size_t most = 0;
  for (const IntervalRow& row : plot.rows) most = std::max(most, row.marks.size());
  return std::max(least_row_height, mark_distance * static_cast<double>(most) + 6.0);
}

/// As much room as the labels need, and no more than half of all.
double label_width(const IntervalPlot& plot) {
  std::size_t longest = 0;
  for (const IntervalRow& row : plot.rows) {
    if (!row.marks.empty()) longest = std::max(longest, row.label.size());
  }
  return std::min(0.48 * interval_width, 16.0 + 7.9 * static_cast<double>(longest));
}

std::string shortened(const std::string& label, double room) {
  const auto most = static_cast<std::size_t>(room / 7.9);
  return label.size() <= most ? label : label.substr(0, most - 2) + "..";
}

std::string mark_svg(const IntervalMark& mark, const Layout& layout, double y) {
  if (!std::isfinite(mark.value)) return "";
  const double x = layout.at(mark.value);
  std::string content = "\n";
  if (std::isfinite(mark.low) && std::isfinite(mark.high)) {
    content += segment_svg({layout.at(mark.low), y}, {layout.at(mark.high), y});
  }
  content += element("circle", {{"cx", coordinate(x)},
                                {"cy", coordinate(y)},
                                {"r", coordinate(dot_radius)},
                                {"class", mark.is_hollow ? "hollow" : "solid"}});
  return element("g",
                 {{"class", mark.colour_class},
                  {"stroke", "currentColor"},
                  {"stroke-width", "2"},
                  {"stroke-linecap", "round"}},
                 content);
}

std::string row_svg(const IntervalRow& row, const Layout& layout, double y) {
  const auto count = static_cast<double>(row.marks.size());
  std::string content = "\n";
  std::vector<Point> places;
  double mark_y = y - 0.5 * mark_distance * (count - 1.0);
  for (const IntervalMark& mark : row.marks) {
    if (std::isfinite(mark.value)) places.push_back({layout.at(mark.value), mark_y});
    mark_y += mark_distance;
  }
  if (layout.plot.joins_marks && places.size() > 1) {
    content += element("path", {{"d", line_path(places)},
                                {"fill", "none"},
                                {"stroke", "currentColor"},
                                {"stroke-opacity", "0.35"},
                                {"stroke-dasharray", "2 2"}});
  }
  mark_y = y - 0.5 * mark_distance * (count - 1.0);
  for (const IntervalMark& mark : row.marks) {
    content += mark_svg(mark, layout, mark_y);
    mark_y += mark_distance;
  }
  return element("g", {{"data-row", escape_markup(row.label)}}, content);
}

std::string interval_axis_svg(const Layout& layout) {
  const IntervalPlot& plot = layout.plot;
  std::string lines = "\n", texts = "\n";
  for (const auto& [value, text] : axis_marks(plot.x_axis, 5)) {
    const double x = layout.at(value);
    lines += segment_svg({x, above_rows}, {x, layout.bottom});
    texts += text_svg({x, layout.bottom + 16.0}, "middle", text);
  }
  texts +=
      text_svg({0.5 * (layout.left + layout.right), layout.bottom + 36.0}, "middle", plot.x_label);
  std::string axis = element("g", {{"stroke", "currentColor"}, {"stroke-opacity", "0.18"}}, lines);
  if (plot.middle) {
    const double x = layout.at(*plot.middle);
    axis += element("g", {{"stroke", "currentColor"}, {"stroke-opacity", "0.6"}},
                    segment_svg({x, above_rows}, {x, layout.bottom}));
  }
  return axis + element("g", {{"fill", "currentColor"}, {"font-size", "12"}}, texts);
}

}  // namespace

std::string interval_plot_svg(const IntervalPlot& plot) {
  const double labels = label_width(plot);
  const double row_height = row_height_of(plot);
  const double bottom = above_rows + row_height * static_cast<double>(plot.rows.size());
  const Layout layout{plot, labels, interval_width - beside_rows, bottom};
  std::string rows, texts = "\n", headings = "\n";
  double y = above_rows + 0.5 * row_height;
  for (const IntervalRow& row : plot.rows) {
    if (row.marks.empty()) {
      headings += text_svg({0.0, y + 4.0}, "start", row.label);
    } else {
      texts += text_svg({labels - 10.0, y + 4.0}, "end", shortened(row.label, labels - 10.0));
      rows += row_svg(row, layout, y);
    }
    y += row_height;
  }
  const std::string body =
      "\n" + element("title", {}, escape_markup(plot.title)) + interval_axis_svg(layout) + rows +
      element("g", {{"fill", "currentColor"}, {"font-size", "12"}}, texts) +
      element("g", {{"fill", "currentColor"}, {"font-size", "12"}, {"font-weight", "600"}},
              headings);
  return element(
      "svg",
      {{"class", "chart intervals"},
       {"viewBox", "0 0 " + coordinate(interval_width) + " " + coordinate(bottom + below_rows)},
       {"role", "img"},
       {"data-left", with_decimals(plot.x_axis.low, 9)},
       {"data-right", with_decimals(plot.x_axis.high, 9)},
       {"data-plot", coordinate(layout.left) + " " + coordinate(layout.right)}},
      body);
}

}  // namespace polyak
