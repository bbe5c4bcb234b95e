#include "app/report/parallel_coordinates.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/drawing/markup.hpp"
#include "app/drawing/parallel_plot.hpp"
#include "app/drawing/svg_shapes.hpp"
#include "app/report/html.hpp"

namespace polyak {
namespace {

constexpr std::size_t max_highlighted = 5;

/// Each level is the better half of those that are above the level below.
std::size_t level_of(std::size_t place, std::size_t trials) {
  std::size_t level = 0;
  for (std::size_t better = trials / 2; level + 1 < scale_levels && place < better; better /= 2) {
    ++level;
  }
  return level;
}

std::size_t pointed_out(const SearchData& data) {
  return std::min(max_highlighted, data.order.size() / 4);
}

ParallelLine line_of(const SearchData& data, std::size_t place) {
  const std::size_t trial = data.order[place];
  ParallelLine line{{}, level_of(place, data.order.size())};
  for (const SearchedField& field : data.fields) line.values.push_back(shown_value(field, trial));
  line.values.push_back(data.record.trials[trial].score.mean);
  if (place < pointed_out(data)) {
    const TrialRecord& record = data.record.trials[trial];
    line.name = words_of(data.record).trial + " " + std::to_string(record.trial);
    line.description =
        score_text(record.score.mean) + "; " + settings_text(data.record.fields, record.settings);
  }
  return line;
}

bool lacks_values(const SearchedField& field) {
  return std::any_of(field.values.begin(), field.values.end(),
                     [](double value) { return std::isnan(value); });
}

/// How many scores the axis has no room for.
std::size_t scores_below(const SearchData& data) {
  return static_cast<std::size_t>(std::count_if(
      data.record.trials.begin(), data.record.trials.end(),
      [&](const TrialRecord& trial) { return trial.score.mean < data.score_axis.low; }));
}

std::string parallel_caption(const SearchData& data, bool has_missing) {
  std::string text =
      data.record.is_population()
          ? "Each line is a member with its last options and score. Colours are by score."
          : "Each line is a trial with its score at the highest rung that it reached. Colours are "
            "by that rung, then by score.";
  const std::size_t below = scores_below(data);
  if (below > 0) {
    text += " Scores below " + score_text(data.score_axis.low) + " (" + std::to_string(below) +
            ") are drawn at the axis's end.";
  }
  if (has_missing)
    text += " Below the axes: options without effect in that " + words_of(data.record).trial +
            ", or no score.";
  return text;
}

}  // namespace

std::string parallel_coordinates(const SearchData& data) {
  if (data.fields.empty() || std::isnan(data.record.trials[data.order.front()].score.mean)) {
    return "";
  }
  const std::string trials = words_of(data.record).trial + "s";
  ParallelPlot plot{"All " + trials + ": options and score", {}, {}};
  bool has_missing = false;
  for (const SearchedField& field : data.fields) {
    const bool lacks = lacks_values(field);
    has_missing = has_missing || lacks;
    plot.axes.push_back({field.name, field.axis, lacks ? "unused" : ""});
  }
  const bool lacks_score =
      std::any_of(data.record.trials.begin(), data.record.trials.end(),
                  [](const TrialRecord& trial) { return std::isnan(trial.score.mean); });
  const bool some_failed = failed_trials(data.record) > 0;
  plot.axes.push_back({"score", data.score_axis,
                       !lacks_score  ? ""
                       : some_failed ? "failed"
                                     : "none yet"});
  // The worst first: better ones are drawn over them.
  for (std::size_t place = data.order.size(); place-- > 0;) {
    plot.lines.push_back(line_of(data, place));
  }
  std::vector<std::pair<std::string, std::string>> key;
  if (const std::size_t best = pointed_out(data); best > 0) {
    key.emplace_back(highlight_class, best == 1
                                          ? "the best " + words_of(data.record).trial
                                          : "the best " + std::to_string(best) + " " + trials);
  }
  const std::size_t top = level_of(0, data.order.size());
  for (std::size_t level = top + 1; level-- > 0;) {
    const std::string share = "best 1/" + std::to_string(std::size_t{1} << level);
    key.emplace_back(scale_class(level), level == 0 ? "the lower half" : share);
  }
  return captioned(element("div", {{"class", "wide"}}, parallel_plot_svg(plot)) + class_key(key),
                   parallel_caption(data, has_missing || lacks_score));
}

}  // namespace polyak
