#include "app/report/report_page.hpp"

#include <algorithm>
#include <optional>

#include "app/drawing/markup.hpp"
#include "app/report/curve_figures.hpp"
#include "app/report/embedded_files.hpp"
#include "app/report/html.hpp"
#include "app/report/policy_figures.hpp"
#include "app/report/result_tables.hpp"

namespace polyak {
namespace {

constexpr std::size_t max_evaluated_groups = 8;  // groups whose policies are looked at
constexpr std::size_t max_animated_groups = 4;

std::string title_of(std::span<const RunRecord> runs) {
  std::string title = "Polyak: " + runs.front().directory.string();
  if (runs.size() > 1) title += " and " + std::to_string(runs.size() - 1) + " more";
  return title;
}

std::string figures_of(std::span<const CurveSubject> subjects, const AgentGroups& groups,
                       std::span<const RunRecord> runs) {
  std::string content;
  for (const CurveSubject& subject : subjects) {
    content += section(subject.heading, curve_figure(subject, groups, runs));
  }
  return content;
}

std::string numbers_of(const AgentGroups& groups, std::span<const RunRecord> runs) {
  std::string content;
  for (const CurveSubject& subject : main_subjects()) {
    content += section(subject.heading, curve_table(subject, groups, runs));
  }
  return content;
}

std::vector<EvaluatedGroup> evaluated(const AgentGroups& groups, std::span<const RunRecord> runs) {
  std::vector<EvaluatedGroup> result;
  for (const AgentGroup& group : groups.groups) {
    if (result.size() == max_evaluated_groups) break;
    std::optional<PolicyEvaluation> evaluation = evaluate_best(group, runs);
    if (evaluation) result.push_back({&group, *std::move(evaluation)});
  }
  return result;
}

std::string motion(std::span<const EvaluatedGroup> groups) {
  std::string content;
  for (std::size_t i = 0; i < std::min(max_animated_groups, groups.size()); ++i) {
    content += motion_figure(groups[i], i);
  }
  return content;
}

}  // namespace

std::string report_page(std::span<const RunRecord> runs, const AgentGroups& groups) {
  const std::vector<EvaluatedGroup> policies = evaluated(groups, runs);
  const std::string body =
      element("p", {{"class", "soft"}}, escape_markup(describe_runs(runs))) +
      section("Results", results_table(groups, runs)) +
      section("What differs", differences_table(groups)) +
      figures_of(main_subjects(), groups, runs) +
      section("Returns from every start", starts_figure(policies)) +
      section("In motion", motion(policies)) +
      section("Training, machine, throughput", runs_table(runs)) +
      section("More",
              folded("Losses, values, gradients", figures_of(further_subjects(), groups, runs)) +
                  folded("The curves as numbers", numbers_of(groups, runs)) +
                  folded("Configuration", configuration_table(runs)));
  return html_page(title_of(runs), body, report_script());
}

}  // namespace polyak
