#include "app/report/parameter_figures.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/drawing/chart.hpp"
#include "app/drawing/markup.hpp"
#include "app/drawing/svg_shapes.hpp"
#include "app/report/html.hpp"
#include "app/report/importance_figures.hpp"

namespace polyak {
namespace {

constexpr std::size_t max_medians = 24;

std::size_t level_of_rung(const SearchData& data, std::size_t rung) {
  const std::size_t last = data.rungs.size() - 1;
  return last == 0 ? 3 : 1 + rung * (scale_levels - 2) / last;
}

/// The scores where they can be seen.
double shown_score(const SearchData& data, double score) {
  return std::isnan(score) ? score : std::max(score, data.score_axis.low);
}

ChartDots parameter_dots(const SearchData& data, const SearchedField& field, std::size_t rung) {
  const RungScores& scores = data.rungs[rung];
  ChartDots dots{{}, scale_class(level_of_rung(data, rung))};
  dots.name = "rung " + std::to_string(scores.rung);
  dots.width = scores.count > 500 ? 3.0 : 4.5;
  dots.opacity = scores.count > 500 ? 0.5 : 0.8;
  for (std::size_t trial = 0; trial < scores.scores.size(); ++trial) {
    if (std::isnan(scores.scores[trial]) || std::isnan(field.values[trial])) continue;
    dots.points.push_back({shown_value(field, trial), shown_score(data, scores.scores[trial])});
  }
  return dots;
}

/// Along the axis for numbers; beside each choice for choices.
void add_medians(const SearchData& data, const SearchedField& field, std::size_t rung,
                 const RgbColour& colour, Chart& chart) {
  const auto add = [&](double left, double right, const MedianEstimate& typical, ChartBand& band,
                       ChartLine& line) {
    for (const double x : {left, right}) {
      line.points.push_back({x, shown_score(data, typical.median)});
      if (std::isnan(typical.interval.low)) continue;
      band.low.push_back({x, shown_score(data, typical.interval.low)});
      band.high.push_back({x, shown_score(data, typical.interval.high)});
    }
  };
  const std::string name = "median at rung " + std::to_string(data.rungs[rung].rung);
  const std::vector<double>& scores = data.rungs[rung].scores;
  if (!field.has_choices()) {
    ChartBand band{{}, {}, colour};
    ChartLine line{{}, colour, 2.2, 1.0, name};
    for (const RunningMedian& at : running_medians(field.values, scores, max_medians)) {
      line.points.push_back({at.x, shown_score(data, at.y.median)});
      band.low.push_back({at.x, shown_score(data, at.y.interval.low)});
      band.high.push_back({at.x, shown_score(data, at.y.interval.high)});
    }
    chart.bands.push_back(std::move(band));
    chart.lines.push_back(std::move(line));
    return;
  }
  for (std::size_t choice = 0; choice < field.axis.choices.size(); ++choice) {
    std::vector<double> own;
    const auto place = static_cast<double>(choice);
    for (std::size_t trial = 0; trial < scores.size(); ++trial) {
      if (field.values[trial] == place && !std::isnan(scores[trial])) own.push_back(scores[trial]);
    }
    if (own.empty()) continue;
    ChartBand band{{}, {}, colour};
    ChartLine line{{}, colour, 2.2, 1.0, name};
    add(place - 0.36, place + 0.36, estimate_median(std::move(own)), band, line);
    chart.bands.push_back(std::move(band));
    chart.lines.push_back(std::move(line));
  }
}

std::string panel(const SearchData& data, const SearchedField& field) {
  Chart chart{"Score against " + field.name, field.name, "score"};
  chart.width = 320;
  chart.height = 240;
  chart.y_axis = data.score_axis;
  chart.x_axis = field.axis;
  for (std::size_t rung = 0; rung < data.rungs.size(); ++rung) {
    chart.dots.push_back(parameter_dots(data, field, rung));
  }
  add_medians(data, field, 0, grey, chart);
  if (data.high_rung) add_medians(data, field, *data.high_rung, blue, chart);
  const double score = data.record.trials[data.winner].score.mean;
  if (!std::isnan(field.values[data.winner]) && !std::isnan(score)) {
    chart.dots.push_back({{{shown_value(field, data.winner), shown_score(data, score)}},
                          highlight_class,
                          9.0,
                          1.0,
                          "winner"});
  }
  return chart_svg(chart);
}

std::string parameter_caption(const SearchData& data) {
  std::string text =
      data.rungs.size() > 1
          ? "A dot for each trial at each rung that it reached; the higher the rung, the stronger "
            "the colour. Lines: the median of the trials about there with its 95% interval, at the "
            "lowest rung (grey)"
          : "A dot for each trial. Line: the median of the trials about there with its 95% "
            "interval";
  if (data.high_rung) {
    text += " and among those that came to rung " +
            std::to_string(data.rungs[*data.high_rung].rung) + " (blue)";
  }
  return text + ".";
}

}  // namespace

std::string parameter_figures(const SearchData& data) {
  if (data.fields.empty() || data.rungs.front().count == 0) return "";
  std::string panels;
  for (const FieldImportance& importance : importances(data)) {
    panels += panel(data, data.fields[importance.field]);
  }
  std::vector<std::pair<std::string, std::string>> key;
  for (std::size_t rung = 0; rung < data.rungs.size(); ++rung) {
    key.emplace_back(scale_class(level_of_rung(data, rung)), rung_name(data.rungs[rung]));
  }
  key.emplace_back(highlight_class, "the best setting");
  return captioned(element("div", {{"class", "panels"}}, panels) + class_key(key),
                   parameter_caption(data));
}

}  // namespace polyak
