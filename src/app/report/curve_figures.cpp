#include "app/report/curve_figures.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "app/drawing/chart.hpp"
#include "app/drawing/markup.hpp"
#include "app/output/format.hpp"
#include "app/output/report.hpp"
#include "app/report/html.hpp"

namespace polyak {
namespace {

constexpr std::size_t max_points = 200;         // of what a group has in common
constexpr std::size_t max_agent_points = 1000;  // of an agent's own line
constexpr std::size_t max_agents_drawn = 64;    // with a line of their own, in each group
constexpr std::size_t max_table_points = 25;    // of numbers

constexpr std::array<CurveSubject, 3> first_shown = {{
    {&RunRecord::metrics, "mean_return", "Return while training"},
    {&RunRecord::evaluations, "mean_return", "Return without noise"},
    {&RunRecord::evaluations, "mean_regret", "Regret without noise"},
}};
constexpr std::array<CurveSubject, 6> folded_away = {{
    {&RunRecord::metrics, "critic_loss", "Critic loss"},
    {&RunRecord::metrics, "actor_loss", "Actor loss"},
    {&RunRecord::metrics, "mean_q", "Mean Q"},
    {&RunRecord::metrics, "saturated_actions", "Share of actions at their bounds"},
    {&RunRecord::metrics, "actor_gradient_norm", "Norm of the actor's gradient"},
    {&RunRecord::metrics, "critic_gradient_norm", "Norm of the critic's gradient"},
}};

/// All of its points, or every n-th of very many.
std::vector<Point> line_points(const AgentCurve& curve) {
  const std::size_t stride = (curve.size() + max_agent_points - 1) / max_agent_points;
  std::vector<Point> points;
  for (std::size_t i = 0; i < curve.size(); i += stride) {
    points.push_back({curve[i].steps, curve[i].value});
  }
  return points;
}

void add_group(const AgentGroup& group, std::span<const AgentCurve> curves, bool is_only_group,
               Chart& chart) {
  const std::vector<PopulationPoint> common = population_curve(curves, max_points);
  ChartBand band{{}, {}, group.colour};
  ChartLine middle{{}, group.colour, 2.2};
  for (const PopulationPoint& point : common) {
    band.low.push_back({point.steps, point.low});
    band.high.push_back({point.steps, point.high});
    middle.points.push_back({point.steps, point.middle});
  }
  chart.bands.push_back(std::move(band));
  for (std::size_t i = 0; i < std::min(max_agents_drawn, curves.size()); ++i) {
    const GroupMember& member = group.members[i];
    chart.lines.push_back(
        {line_points(curves[i]), is_only_group ? grey : group.colour,
         curves.size() == 1 ? 2.2 : 0.8, curves.size() == 1 ? 1.0 : 0.4,
         "run " + std::to_string(member.run) + " agent " + std::to_string(member.agent)});
  }
  // Of one agent its own line is the curve.
  if (curves.size() > 1) chart.lines.push_back(std::move(middle));
}

std::string caption(const AgentGroups& groups) {
  std::size_t largest = 0;
  for (const AgentGroup& group : groups.groups) largest = std::max(largest, group.members.size());
  if (largest == 1) return "Over environment steps; each line is one agent.";
  std::string text =
      "Over environment steps; thick: the interquartile mean over agents with its 95% bootstrap "
      "interval; thin: agents";
  if (largest > max_agents_drawn) text += ", the first " + std::to_string(max_agents_drawn);
  return text + ".";
}

}  // namespace

std::span<const CurveSubject> main_subjects() { return first_shown; }
std::span<const CurveSubject> further_subjects() { return folded_away; }

std::string curve_figure(const CurveSubject& subject, const AgentGroups& groups,
                         std::span<const RunRecord> runs) {
  Chart chart{std::string(subject.heading) + " over environment steps",
              "environment steps per agent", std::string(subject.column)};
  for (const AgentGroup& group : groups.groups) {
    add_group(group, curves_of(group, runs, subject.table, subject.column),
              groups.groups.size() == 1, chart);
  }
  // The lines of all agents are behind those of all groups.
  std::vector<ChartLine> of_groups;
  for (const ChartLine& line : chart.lines) {
    if (line.opacity >= 1.0) of_groups.push_back(line);
  }
  std::erase_if(chart.lines, [](const ChartLine& line) { return line.opacity >= 1.0; });
  chart.lines.insert(chart.lines.end(), of_groups.begin(), of_groups.end());
  if (std::all_of(chart.lines.begin(), chart.lines.end(),
                  [](const ChartLine& line) { return line.points.empty(); })) {
    return "";
  }
  return element("figure", {},
                 chart_svg(chart) + (groups.groups.size() > 1 ? colour_key(groups.groups) : "") +
                     element("figcaption", {}, escape_markup(caption(groups))));
}

std::string curve_table(const CurveSubject& subject, const AgentGroups& groups,
                        std::span<const RunRecord> runs) {
  std::vector<std::vector<std::string>> rows = {
      {"group", "environment steps", "interquartile mean", "95% from", "to"}};
  for (const AgentGroup& group : groups.groups) {
    const std::vector<AgentCurve> curves = curves_of(group, runs, subject.table, subject.column);
    for (const PopulationPoint& point : population_curve(curves, max_table_points)) {
      rows.push_back({group.label, format_quantity(point.steps), format_fixed(point.middle, 2),
                      format_fixed(point.low, 2), format_fixed(point.high, 2)});
    }
  }
  return rows.size() > 1 ? html_table(rows) : "";
}

}  // namespace polyak
