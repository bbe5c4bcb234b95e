#include "app/report/rung_figures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "app/drawing/chart.hpp"
#include "app/drawing/markup.hpp"
#include "app/drawing/svg_shapes.hpp"
#include "app/output/format.hpp"
#include "app/output/report.hpp"
#include "app/report/html.hpp"
#include "search/rank_correlation.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

/// What a rung's scores come to.
struct RungSummary {
  std::size_t kept = 0;
  double low_quartile, median, high_quartile, best;
  double threshold;          // the lowest score that was kept; NaN if none was
  std::size_t winner_place;  // 1 for the best score there; 0 if the winner was not there
  RankCorrelation with_last;
};

std::vector<double> present(const std::vector<double>& scores) {
  std::vector<double> values;
  for (const double score : scores) {
    if (!std::isnan(score)) values.push_back(score);
  }
  std::sort(values.begin(), values.end());
  return values;
}

RungSummary summarise(const SearchData& data, const RungScores& rung) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  RungSummary result{0,    none, none, none,
                     none, none, 0,    rank_correlation(rung.scores, data.rungs.back().scores)};
  const std::vector<double> scores = present(rung.scores);
  if (!scores.empty()) {
    result.low_quartile = scores[scores.size() / 4];
    result.median = median(scores);
    result.high_quartile = scores[scores.size() - 1 - scores.size() / 4];
    result.best = scores.back();
  }
  for (std::size_t trial = 0; trial < rung.scores.size(); ++trial) {
    if (!rung.kept[trial] || std::isnan(rung.scores[trial])) continue;
    ++result.kept;
    if (!(result.threshold <= rung.scores[trial])) result.threshold = rung.scores[trial];
  }
  const double own = rung.scores[data.winner];
  if (!std::isnan(own)) {
    result.winner_place =
        1 + static_cast<std::size_t>(std::count_if(scores.begin(), scores.end(),
                                                   [own](double score) { return score > own; }));
  }
  return result;
}

/// The dots of a rung about its place: those that were kept, or the others.
ChartDots rung_dots(const SearchData& data, std::size_t rung, bool kept) {
  const RungScores& scores = data.rungs[rung];
  ChartDots dots{{}, scale_class(kept ? 4 : 1)};
  dots.name = "rung " + std::to_string(scores.rung) + (kept ? " kept" : " not kept");
  dots.width = scores.count > 500 ? 3.0 : 4.5;
  dots.opacity = scores.count > 500 ? 0.6 : 0.85;
  SearchedField place{"", choice_axis({""}), false, {}};
  place.values.assign(scores.scores.size(), static_cast<double>(rung));
  for (std::size_t trial = 0; trial < scores.scores.size(); ++trial) {
    if (std::isnan(scores.scores[trial]) || scores.kept[trial] != kept) continue;
    dots.points.push_back(
        {shown_value(place, trial), std::max(scores.scores[trial], data.score_axis.low)});
  }
  return dots;
}

void add_box(const SearchData& data, std::size_t rung, const RungSummary& summary, Chart& chart) {
  const double low = data.score_axis.low, place = static_cast<double>(rung);
  const double left = place - 0.4, right = place + 0.4;
  const auto level = [&](double score) {
    const double y = std::max(score, low);
    return std::vector<Point>{{left, y}, {right, y}};
  };
  if (std::isnan(summary.median)) return;
  chart.bands.push_back({level(summary.low_quartile), level(summary.high_quartile), grey});
  chart.lines.push_back({level(summary.median), grey, 2.2, 1.0, "median"});
  if (rung + 1 < data.rungs.size() && !std::isnan(summary.threshold)) {
    chart.lines.push_back({level(summary.threshold), red, 1.6, 1.0, "lowest kept"});
  }
}

std::string rungs_figure(const SearchData& data, const std::vector<RungSummary>& summaries) {
  Chart chart{"Scores at each rung", "rung: environment steps", "score"};
  chart.height = 300;
  chart.y_axis = data.score_axis;
  std::vector<std::string> names;
  ChartDots winner{{}, highlight_class, 9.0, 1.0, "winner"};
  for (std::size_t rung = 0; rung < data.rungs.size(); ++rung) {
    names.push_back(std::to_string(data.rungs[rung].rung) + ": " +
                    format_quantity(static_cast<double>(data.rungs[rung].environment_steps)));
    for (const bool kept : {false, true}) chart.dots.push_back(rung_dots(data, rung, kept));
    add_box(data, rung, summaries[rung], chart);
    const double score = data.rungs[rung].scores[data.winner];
    if (!std::isnan(score)) winner.points.push_back({static_cast<double>(rung), score});
  }
  const bool all_decided = std::all_of(data.rungs.begin(), data.rungs.end() - 1,
                                       [](const RungScores& rung) { return rung.is_decided; });
  chart.dots.push_back(std::move(winner));
  chart.x_axis = choice_axis(std::move(names));
  return captioned(
      chart_svg(chart) +
          class_key({{scale_class(4), "went on"},
                     {scale_class(1),
                      all_decided ? "stopped there" : "stopped there, or not decided yet"},
                     {highlight_class, "the best setting"}}),
      "Every trial's score at every rung that it reached. Grey: median and middle half; red: the "
      "lowest score that went on.");
}

std::string rungs_table(const SearchData& data, const std::vector<RungSummary>& summaries) {
  std::vector<std::vector<std::string>> rows = {
      {"rung", "environment steps", "trials", "went on", "median score", "best score",
       "lowest that went on", "correlation with the last (95%)", "place of the best setting"}};
  for (std::size_t i = 0; i < data.rungs.size(); ++i) {
    const RungScores& rung = data.rungs[i];
    const RungSummary& summary = summaries[i];
    const bool is_last = i + 1 == data.rungs.size();
    const RankCorrelation& last = summary.with_last;
    rows.push_back({std::to_string(rung.rung),
                    format_quantity(static_cast<double>(rung.environment_steps)),
                    std::to_string(rung.count), is_last ? "-" : std::to_string(summary.kept),
                    score_text(summary.median), score_text(summary.best),
                    is_last ? "-" : score_text(summary.threshold),
                    is_last ? "-" : correlation_text(last.coefficient, last.low, last.high),
                    summary.winner_place == 0 ? "-" : std::to_string(summary.winner_place)});
  }
  return html_table(rows);
}

/// What a correlation between a rung and the last one means.
std::string foresight(const RankCorrelation& agreement) {
  if (!(agreement.high - agreement.low < 0.9)) {
    return "they are too few to say how well early scores foretell late ones";
  }
  return std::string("early scores foretell ") +
         (agreement.coefficient >= 0.7   ? "much"
          : agreement.coefficient >= 0.3 ? "something"
                                         : "little") +
         " of what is best in the end among those that were good from the beginning";
}

/// How well the first scores foretell the last ones.
std::string foretelling(const SearchData& data, const std::vector<RungSummary>& summaries) {
  const RungScores& first = data.rungs.front();
  const RungScores& last = data.rungs.back();
  const RankCorrelation& agreement = summaries.front().with_last;
  std::string text;
  if (!std::isnan(agreement.coefficient)) {
    text = "Of the " + std::to_string(agreement.pairs) + " trials that came to " + rung_name(last) +
           ", the order at " + rung_name(first) + " has a rank correlation of " +
           correlation_text(agreement.coefficient, agreement.low, agreement.high) +
           " with the last one: " + foresight(agreement) + ". ";
  }
  if (summaries.front().winner_place > 0) {
    text += "The best setting was number " + std::to_string(summaries.front().winner_place) +
            " of " + format_quantity(static_cast<double>(first.count)) + " there.";
  }
  return text.empty() ? "" : element("p", {}, escape_markup(text));
}

}  // namespace

std::string rungs_section(const SearchData& data) {
  if (data.rungs.size() < 2) return "";
  std::vector<RungSummary> summaries;
  for (const RungScores& rung : data.rungs) summaries.push_back(summarise(data, rung));
  return foretelling(data, summaries) + rungs_figure(data, summaries) +
         rungs_table(data, summaries);
}

}  // namespace polyak
