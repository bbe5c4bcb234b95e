#include "app/report/policy_figures.hpp"

#include <algorithm>

#include "app/drawing/chart.hpp"
#include "app/drawing/markup.hpp"
#include "app/drawing/svg.hpp"
#include "app/output/format.hpp"
#include "app/report/html.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

/// A line and a mark that goes along it while the episode runs.
std::string moving_chart(const Episode& episode, const std::string& title,
                         const std::string& x_label, const std::string& y_label,
                         const std::vector<Point>& points, const std::string& name) {
  Chart chart{title, x_label, y_label};
  chart.width = 320;
  chart.height = 240;
  chart.lines.push_back({points, blue});
  chart.marks.push_back({points, episode.seconds, name});
  return chart_svg(chart);
}

std::string phase_portrait(const Episode& episode, const std::string& name) {
  const auto names = episode.environment.state_names;
  if (names.size() < 2) return "";
  std::vector<Point> points;
  for (std::size_t i = 0; i < episode.moments.size(); ++i) {
    points.push_back({episode.state(i, 0), episode.state(i, 1)});
  }
  return moving_chart(episode, "Phase portrait", std::string(names[0]), std::string(names[1]),
                      points, name);
}

std::string action_chart(const Episode& episode, const std::string& name) {
  const auto size = static_cast<std::size_t>(episode.environment.action_size);
  std::vector<Point> points;
  for (std::size_t i = 0; i < episode.moments.size(); ++i) {
    points.push_back({static_cast<double>(episode.moments[i]), episode.actions[i * size]});
  }
  return moving_chart(episode, "Action over the episode", "step",
                      std::string(action_name(episode.environment)), points, name);
}

}  // namespace

std::string starts_figure(std::span<const EvaluatedGroup> groups) {
  if (groups.empty()) return "";
  Chart chart{"Returns from all start states, sorted", "share of the starts in %", "return"};
  std::vector<AgentGroup> shown;
  std::vector<std::vector<std::string>> rows = {
      {"policy of", "agent", "mean", "worst", "a quarter below", "median", "best"}};
  for (const auto& [group, evaluation] : groups) {
    const std::vector<double>& returns = evaluation.returns;
    ChartLine line{{}, group->colour, 2.2};
    double sum = 0.0;
    for (std::size_t i = 0; i < returns.size(); ++i) {
      const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(returns.size());
      line.points.push_back({100.0 * share, returns[i]});
      sum += returns[i];
    }
    chart.lines.push_back(std::move(line));
    shown.push_back(*group);
    const auto text = [](double value) { return format_fixed(value, 1); };
    rows.push_back({group->label, std::to_string(evaluation.member.agent),
                    text(sum / static_cast<double>(returns.size())), text(returns.front()),
                    text(returns[returns.size() / 4]), text(median(returns)),
                    text(returns.back())});
  }
  const std::string caption =
      "The best agent" + std::string(groups.size() > 1 ? " of each group" : "") +
      ", without noise, from " + std::to_string(groups.front().evaluation.returns.size()) +
      " start states, the same for all policies of an environment; from the lowest return to the "
      "highest.";
  return element("figure", {},
                 chart_svg(chart) + (groups.size() > 1 ? colour_key(shown) : "") +
                     element("figcaption", {}, caption)) +
         html_table(rows);
}

std::string motion_figure(const EvaluatedGroup& group, std::size_t number) {
  const Episode& episode = group.evaluation.hardest;
  const std::string name = "motion" + std::to_string(number) + "-";
  const std::string panels = animated_svg(scene_of(episode), name + "scene") +
                             phase_portrait(episode, name + "phase") +
                             action_chart(episode, name + "action");
  const std::string caption =
      group.group->label + ", agent " + std::to_string(group.evaluation.member.agent) +
      ": from the start with its lowest return, " + format_fixed(episode.total_reward, 1) + ", " +
      std::to_string(episode.steps) + " steps. The mark on the line below is the action.";
  return element("figure", {{"class", "motion"}},
                 element("div", {{"class", "panels"}}, panels) +
                     element("figcaption", {}, escape_markup(caption)));
}

}  // namespace polyak
