#include "app/report/lineage_figures.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <utility>

#include "app/drawing/chart.hpp"
#include "app/drawing/markup.hpp"
#include "app/drawing/svg_shapes.hpp"
#include "app/output/format.hpp"
#include "app/output/report.hpp"
#include "app/report/html.hpp"
#include "app/report/lineage.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

constexpr double no_setting = std::numeric_limits<double>::quiet_NaN();

using MemberRows = std::vector<std::size_t>;
using ValueOf = std::function<double(const GenerationRecord&)>;

/// What the figures have in common.
struct Lineage {
  const std::vector<GenerationRecord>& rows;
  std::map<std::int64_t, MemberRows> members;  // each one's rows, by generation
  MemberRows ancestry;
};

Lineage lineage_of(const SearchData& data) {
  const SearchRecord& record = data.record;
  const TrialRecord& winner = record.trials[data.winner];
  // As long as trials have no score, the best is that of the last generation.
  const std::int64_t wanted = std::isnan(winner.score.mean) ? -1 : winner.trial;
  Lineage lineage{record.generations, {}, ancestry_of(wanted, record.generations)};
  for (std::size_t i = 0; i < lineage.rows.size(); ++i) {
    lineage.members[lineage.rows[i].member].push_back(i);
  }
  for (auto& [member, rows] : lineage.members) {
    std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(lineage.rows[a].generation, a) < std::pair(lineage.rows[b].generation, b);
    });
  }
  return lineage;
}

std::vector<Point> lineage_points(const Lineage& lineage, const MemberRows& rows,
                                  const ValueOf& value) {
  std::vector<Point> points;
  for (const std::size_t row : rows) {
    points.push_back(
        {static_cast<double>(lineage.rows[row].environment_steps), value(lineage.rows[row])});
  }
  return points;
}

/// Every member's line, and that of the ancestors over them.
Chart chart_of(const Lineage& lineage, const std::string& name, const Axis& axis,
               const ValueOf& value) {
  Chart chart{name + " over environment steps", "environment steps", name};
  chart.width = 320;
  chart.height = 240;
  std::vector<double> steps;
  for (const auto& [member, rows] : lineage.members) {
    chart.lines.push_back(
        {lineage_points(lineage, rows, value), grey, 0.9, 0.4, "member " + std::to_string(member)});
    for (const std::size_t row : rows) {
      steps.push_back(static_cast<double>(lineage.rows[row].environment_steps));
    }
  }
  chart.lines.push_back(
      {lineage_points(lineage, lineage.ancestry, value), orange, 2.4, 1.0, "ancestors"});
  chart.x_axis = value_axis(steps, false, 0.0);
  chart.y_axis = axis;
  return chart;
}

std::string score_chart(const Lineage& lineage, const Axis& axis) {
  return chart_svg(chart_of(lineage, "score", axis, [&](const GenerationRecord& row) {
    return std::isnan(row.score) ? row.score : std::max(row.score, axis.low);
  }));
}

/// A field's values as numbers, or as the numbers of its choices.
std::string field_chart(const Lineage& lineage, const SearchRecord& record, std::size_t field) {
  const std::string& name = record.fields[field];
  std::map<std::string, double> choices;
  std::vector<double> numbers;
  bool all_numbers = true;
  for (const GenerationRecord& row : lineage.rows) {
    const std::string& text = row.settings[field];
    if (text.empty()) continue;
    choices.emplace(text, 0.0);
    const std::optional<double> number = parse_number<double>(text);
    all_numbers = all_numbers && number && std::isfinite(*number);
    if (number) numbers.push_back(*number);
  }
  if (choices.size() < 2) return "";
  if (all_numbers) {
    return chart_svg(
        chart_of(lineage, name, number_axis(record, name, numbers, 0.04),
                 [field](const GenerationRecord& row) {
                   return parse_number<double>(row.settings[field]).value_or(no_setting);
                 }));
  }
  std::vector<std::string> names;
  for (auto& [text, place] : choices) {
    place = static_cast<double>(names.size());
    names.push_back(text);
  }
  return chart_svg(
      chart_of(lineage, name, choice_axis(std::move(names)), [&](const GenerationRecord& row) {
        const auto found = choices.find(row.settings[field]);
        return found == choices.end() ? no_setting : found->second;
      }));
}

/// A line from whose learning it is to whoever goes on with it, for each member and generation.
std::string family_chart(const Lineage& lineage) {
  Chart chart{"Whose learning each member goes on with", "environment steps", "member"};
  chart.height = std::clamp(120 + 9 * static_cast<int>(lineage.members.size()), 200, 420);
  for (const auto& [member, rows] : lineage.members) {
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const GenerationRecord& before = lineage.rows[rows[i - 1]];
      const std::int64_t parent = before.copied_from < 0 ? member : before.copied_from;
      chart.lines.push_back(
          {{{static_cast<double>(before.environment_steps), static_cast<double>(parent)},
            {static_cast<double>(lineage.rows[rows[i]].environment_steps),
             static_cast<double>(member)}},
           grey,
           0.9,
           before.copied_from < 0 ? 0.35 : 0.8,
           before.copied_from < 0 ? "" : "copy"});
    }
  }
  ChartLine ancestors{{}, orange, 2.4, 1.0, "ancestors"};
  for (const std::size_t row : lineage.ancestry) {
    ancestors.points.push_back({static_cast<double>(lineage.rows[row].environment_steps),
                                static_cast<double>(lineage.rows[row].member)});
  }
  chart.lines.push_back(std::move(ancestors));
  return chart_svg(chart);
}

std::string schedule_table(const Lineage& lineage, const std::vector<std::string>& fields) {
  std::vector<std::vector<std::string>> rows = {
      {"generation", "environment steps", "member", "score"}};
  for (const std::string& field : fields) rows[0].push_back(field);
  for (const std::size_t index : lineage.ancestry) {
    const GenerationRecord& row = lineage.rows[index];
    rows.push_back({std::to_string(row.generation),
                    format_quantity(static_cast<double>(row.environment_steps)),
                    std::to_string(row.member), score_text(row.score)});
    for (const std::string& value : row.settings) rows.back().push_back(format_setting(value));
  }
  return html_table(rows);
}

std::string description(const Lineage& lineage) {
  std::size_t copies = 0, own = 0;
  for (const GenerationRecord& row : lineage.rows) copies += row.copied_from < 0 ? 0 : 1;
  for (std::size_t i = 1; i < lineage.ancestry.size(); ++i) {
    own += lineage.rows[lineage.ancestry[i]].member != lineage.rows[lineage.ancestry[i - 1]].member;
  }
  return counted(static_cast<std::int64_t>(lineage.members.size()), "member") + " over " +
         counted(static_cast<std::int64_t>(lineage.ancestry.size()), "generation") + " with " +
         format_quantity(static_cast<double>(copies)) + (copies == 1 ? " copy" : " copies") +
         "; the best member's learning moved " +
         (own == 1 ? std::string("once") : std::to_string(own) + " times") +
         " from one member to another.";
}

}  // namespace

std::string lineage_section(const SearchData& data) {
  const SearchRecord& record = data.record;
  if (record.generations.empty()) return "";
  const Lineage lineage = lineage_of(data);
  std::vector<double> scores;
  for (const GenerationRecord& row : lineage.rows) scores.push_back(row.score);
  std::string panels = score_chart(lineage, score_axis(scores));
  for (std::size_t field = 0; field < record.fields.size(); ++field) {
    panels += field_chart(lineage, record, field);
  }
  const std::string key = class_key(
      {{highlight_class, "the best member's ancestors"}, {scale_class(1), "all members"}});
  return element("p", {}, escape_markup(description(lineage))) +
         captioned(element("div", {{"class", "panels"}}, panels) + key,
                   "Score and options on the way. The ancestors are those whose learning the best "
                   "member's goes back to.") +
         captioned(family_chart(lineage),
                   "Members over time; a line goes from whose learning it is to whoever goes on "
                   "with it.") +
         folded("The ancestors' schedule", schedule_table(lineage, record.fields));
}

}  // namespace polyak
