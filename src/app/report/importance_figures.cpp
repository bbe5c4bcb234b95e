#include "app/report/importance_figures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "app/drawing/interval_plot.hpp"
#include "app/drawing/markup.hpp"
#include "app/output/format.hpp"
#include "app/report/html.hpp"
#include "io/text_value.hpp"
#include "search/main_effects.hpp"

namespace polyak {
namespace {

constexpr double no_correlation = std::numeric_limits<double>::quiet_NaN();
constexpr const char* low_class = "scale-2";
constexpr const char* high_class = "scale-5";

/// A group at the lowest rung, and of those trials the ones that came to the high rung.
struct Effect {
  EffectGroup low, high;
};

std::vector<Effect> effects_of(const SearchData& data, const SearchedField& field) {
  const std::vector<double> scores = comparable_scores(data, 0);
  std::vector<double> late(scores.size(), no_correlation);
  if (data.high_rung) late = comparable_scores(data, *data.high_rung);
  std::vector<Effect> effects;
  for (const EffectGroup& group : field.has_choices() ? effects_by_value(field.values, scores)
                                                      : effects_by_quartile(field.values, scores)) {
    effects.push_back({group, effect_between(field.values, late, group.low, group.high)});
  }
  return effects;
}

std::string group_name(const SearchedField& field, const EffectGroup& group) {
  if (field.has_choices()) return field.axis.choices[static_cast<std::size_t>(group.low)];
  if (group.low == group.high) return format_short(group.low);
  return format_short(group.low) + " to " + format_short(group.high);
}

/// The keys of both rungs, or of the only one.
std::string rung_key(const SearchData& data) {
  std::vector<std::pair<std::string, std::string>> key = {
      {low_class, "all trials at " + rung_name(data.rungs.front())}};
  if (data.high_rung) {
    const RungScores& high = data.rungs[*data.high_rung];
    key.emplace_back(high_class, "the " + std::to_string(high.count) + " that came to " +
                                     rung_name(high) + ", a selection");
  }
  return class_key(key);
}

/// "Trials are compared where all have been".
std::string comparison_text(const SearchData& data) {
  std::string text;
  if (data.rungs.size() > 1) {
    text =
        "Scores of different rungs are not comparable: trials are compared at the lowest rung, "
        "where all have been";
    text += data.high_rung ? ", and again among those that came far." : ".";
  }
  const std::size_t failed = failed_trials(data.record);
  if (failed > 0) {
    text += " " + std::to_string(failed) + (failed == 1 ? " trial" : " trials") +
            " failed; without a score there they have the last rank.";
  }
  return text;
}

/// "more is better", or which of two choices.
std::string better_values(const SearchedField& field, const RankCorrelation& correlation) {
  const bool more = correlation.coefficient > 0.0;
  if (field.axis.choices.size() == 2) return field.axis.choices[more ? 1 : 0] + " is better";
  return more ? "more is better" : "less is better";
}

/// Which fields' intervals are on one side of zero, and which are not.
std::string correlation_words(const SearchData& data, const std::vector<FieldImportance>& all) {
  std::vector<std::string> seen, unseen;
  for (const FieldImportance& importance : all) {
    const RankCorrelation& low = importance.low;
    if (!std::isfinite(low.low)) continue;
    const std::string& name = data.fields[importance.field].name;
    if (low.low > 0.0 || low.high < 0.0) {
      seen.push_back(name + " (" + better_values(data.fields[importance.field], low) + ")");
    } else {
      unseen.push_back(name);
    }
  }
  std::string text;
  if (!seen.empty())
    text += "At the lowest rung, the strongest first: " + join_text(seen, ", ") + ". ";
  if (!unseen.empty()) {
    text += "No steady effect seen: " + join_text(unseen, ", ") +
            "; a best value in the middle has none either, which the charts above show. ";
  }
  return text;
}

/// The means of one of the rungs.
std::string effects_panel(const SearchData& data, EffectGroup Effect::*group,
                          const char* colour_class, const std::string& label) {
  IntervalPlot plot{"Mean score by quarter of an option's values, or by choice", label};
  std::vector<double> shown;
  for (const FieldImportance& importance : importances(data)) {
    const SearchedField& field = data.fields[importance.field];
    plot.rows.push_back({field.name});
    for (const Effect& effect : effects_of(data, field)) {
      const auto& [mean, interval] = std::pair((effect.*group).mean, (effect.*group).interval);
      for (const double value : {mean, interval.low, interval.high}) {
        if (std::isfinite(value)) shown.push_back(std::max(value, data.score_axis.low));
      }
      plot.rows.push_back(
          {group_name(field, effect.low), {{mean, interval.low, interval.high, colour_class}}});
    }
  }
  if (shown.empty()) return "";
  plot.x_axis = value_axis(shown, false, 0.03);
  return interval_plot_svg(plot);
}

}  // namespace

std::vector<FieldImportance> importances(const SearchData& data) {
  std::vector<FieldImportance> result;
  for (std::size_t field = 0; field < data.fields.size(); ++field) {
    FieldImportance importance{field,
                               {no_correlation, no_correlation, no_correlation, 0},
                               {no_correlation, no_correlation, no_correlation, 0}};
    if (data.fields[field].is_ordered) {
      const std::vector<double>& values = data.fields[field].values;
      importance.low = rank_correlation(values, comparable_scores(data, 0));
      if (data.high_rung) {
        importance.high = rank_correlation(values, comparable_scores(data, *data.high_rung));
      }
    }
    result.push_back(importance);
  }
  const auto strength = [](const FieldImportance& importance) {
    const double coefficient = importance.low.coefficient;
    return std::isnan(coefficient) ? -1.0 : std::abs(coefficient);
  };
  std::sort(result.begin(), result.end(), [&](const FieldImportance& a, const FieldImportance& b) {
    const double one = strength(a), other = strength(b);
    return one != other ? one > other : a.field < b.field;
  });
  return result;
}

std::string correlation_figure(const SearchData& data) {
  const std::vector<FieldImportance> all = importances(data);
  IntervalPlot plot{"Rank correlation of each option with the score",
                    "rank correlation with the score (Spearman)"};
  plot.x_axis = {-1.0, 1.0, false, {}};
  plot.middle = 0.0;
  for (const FieldImportance& importance : all) {
    const auto& [field, low, high] = importance;
    if (std::isnan(low.coefficient)) continue;
    IntervalRow row{data.fields[field].name, {{low.coefficient, low.low, low.high, low_class}}};
    if (!std::isnan(high.coefficient)) {
      row.marks.push_back({high.coefficient, high.low, high.high, high_class});
    }
    plot.rows.push_back(std::move(row));
  }
  if (plot.rows.empty()) return "";
  const std::string words = correlation_words(data, all);
  return (words.empty() ? "" : element("p", {}, escape_markup(words))) +
         captioned(interval_plot_svg(plot) + rung_key(data),
                   comparison_text(data) +
                       " Lines are 95% intervals of each option by itself; choices without an "
                       "order are only below.");
}

std::string effects_figure(const SearchData& data) {
  std::string panels = effects_panel(data, &Effect::low, low_class,
                                     "mean score at " + rung_name(data.rungs.front()));
  if (data.high_rung) {
    panels += effects_panel(data, &Effect::high, high_class,
                            "mean score at " + rung_name(data.rungs[*data.high_rung]));
  }
  if (panels.empty()) return "";
  return captioned(element("div", {{"class", "panels broad"}}, panels) + rung_key(data),
                   "The mean score of the trials with such a value, whatever their other options "
                   "are, with its 95% interval. Failed trials have no score; the numbers below "
                   "count them.");
}

std::string effects_table(const SearchData& data) {
  std::vector<std::vector<std::string>> rows = {
      {"option", "values", "trials", "failed", "mean at the lowest rung (95%)"}};
  if (data.high_rung) {
    rows[0].push_back("of which at rung " + std::to_string(data.rungs[*data.high_rung].rung));
    rows[0].emplace_back("mean there (95%)");
  }
  for (const FieldImportance& importance : importances(data)) {
    const SearchedField& field = data.fields[importance.field];
    for (const auto& [low, high] : effects_of(data, field)) {
      rows.push_back({field.name, group_name(field, low), std::to_string(low.trials),
                      std::to_string(low.failed), score_text(low.mean, low.interval)});
      if (!data.high_rung) continue;
      rows.back().push_back(std::to_string(high.trials));
      rows.back().push_back(score_text(high.mean, high.interval));
    }
  }
  return rows.size() > 1 ? html_table(rows) : "";
}

}  // namespace polyak
