#include "app/report/result_tables.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "app/output/format.hpp"
#include "app/output/population_table.hpp"
#include "app/output/report.hpp"
#include "app/output/training_result.hpp"
#include "app/report/html.hpp"
#include "app/report/policy_evaluation.hpp"
#include "io/text_value.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

using TableRows = std::vector<std::vector<std::string>>;

constexpr std::size_t max_table_rows = 32;     // of groups
constexpr std::size_t max_table_columns = 16;  // of groups or runs side by side

/// "-150.2 (-160.1 to -140.3)".
std::string with_interval(const PopulationPoint& point) {
  std::string text = format_fixed(point.middle, 1);
  if (std::isfinite(point.low)) {
    text += " (" + format_fixed(point.low, 1) + " to " + format_fixed(point.high, 1) + ")";
  }
  return text;
}

/// What the evaluations at the end say of a group's agents.
std::vector<std::string> final_evaluation(const AgentGroup& group,
                                          std::span<const RunRecord> runs) {
  std::vector<double> means;
  for (const GroupMember& member : group.members) {
    const double mean = summary_value(runs[member.run], member.agent, "mean_return");
    if (!std::isnan(mean)) means.push_back(mean);
  }
  if (means.empty()) return {"-", "-", "-"};
  const auto [worst, best] = std::minmax_element(means.begin(), means.end());
  const Estimate mean = estimate(means);
  return {means.size() > 1 ? with_error(mean) : format_fixed(mean.mean, 1), format_fixed(*best, 1),
          format_fixed(*worst, 1)};
}

std::string text_of(const nlohmann::json& summary, const char* name) {
  if (!summary.is_object() || !summary.contains(name)) return "-";
  const nlohmann::json& value = summary[name];
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() ? format_quantity(value.get<double>()) : "-";
}

std::string rate_of(const nlohmann::json& summary, const char* name) {
  if (!summary.is_object() || !summary.contains(name) || !summary[name].is_number()) return "-";
  return format_rate(summary[name].get<double>()) + "/s";
}

std::size_t agent_count(const AgentGroups& groups) {
  std::size_t count = 0;
  for (const AgentGroup& group : groups.groups) count += group.members.size();
  return count;
}

}  // namespace

std::string describe_runs(std::span<const RunRecord> runs) {
  std::set<std::string> environments;
  for (const RunRecord& run : runs) environments.insert(run.configured("environment"));
  const std::vector<std::string> names(environments.begin(), environments.end());
  std::string text =
      join_text(names, ", ") + ", " + counted(static_cast<std::int64_t>(runs.size()), "run");
  const AgentGroups groups = group_agents(runs);
  text += " with " + counted(static_cast<std::int64_t>(agent_count(groups)), "agent");
  if (groups.groups.size() > 1) {
    text += " in " + std::to_string(groups.groups.size()) + " groups of equal settings";
  }
  return text;
}

std::string results_table(const AgentGroups& groups, std::span<const RunRecord> runs) {
  TableRows rows;
  std::vector<double> scores;
  for (const AgentGroup& group : groups.groups) {
    const std::vector<PopulationPoint> curve =
        population_curve(curves_of(group, runs, &RunRecord::metrics, "mean_return"), 1);
    std::vector<std::string> row = {group.label, std::to_string(group.members.size()),
                                    curve.empty() ? "-" : format_quantity(curve.back().steps),
                                    curve.empty() ? "-" : with_interval(curve.back())};
    for (const std::string& text : final_evaluation(group, runs)) row.push_back(text);
    rows.push_back(row);
    scores.push_back(curve.empty() ? -std::numeric_limits<double>::infinity()
                                   : curve.back().middle);
  }
  TableRows shown = {{"group", "agents", "steps", "return while training, last",
                      "without noise, at the end", "best agent", "worst agent"}};
  const std::vector<std::size_t> order = ranked(scores);
  for (std::size_t i = 0; i < std::min(max_table_rows, order.size()); ++i)
    shown.push_back(rows[order[i]]);
  std::string text = html_table(shown);
  if (order.size() > max_table_rows) {
    text += "<p class=\"soft\">The best " + std::to_string(max_table_rows) + " of " +
            std::to_string(order.size()) + " groups.</p>\n";
  }
  return text;
}

std::string differences_table(const AgentGroups& groups) {
  if (groups.fields.empty()) return "";
  const std::size_t columns = std::min(max_table_columns, groups.groups.size());
  TableRows rows = {{"option"}};
  for (std::size_t i = 0; i < columns; ++i) rows[0].push_back(groups.groups[i].label);
  for (std::size_t field = 0; field < groups.fields.size(); ++field) {
    rows.push_back({groups.fields[field]});
    for (std::size_t i = 0; i < columns; ++i) rows.back().push_back(groups.groups[i].values[field]);
  }
  return html_table(rows);
}

std::string runs_table(std::span<const RunRecord> runs) {
  TableRows rows = {{"run", "ended", "steps per agent", "updates", "seconds", "steps of all",
                     "updates of all", "device", "version", "commit"}};
  for (const RunRecord& run : runs) {
    const nlohmann::json& summary = run.summary;
    rows.push_back({run.directory.string(), text_of(summary, "stop_reason"),
                    text_of(summary, "environment_steps"), text_of(summary, "updates"),
                    text_of(summary, "seconds"), rate_of(summary, "steps_per_second"),
                    rate_of(summary, "updates_per_second"), text_of(summary, "device"),
                    text_of(summary, "version"), text_of(summary, "commit")});
  }
  return html_table(rows);
}

std::string configuration_table(std::span<const RunRecord> runs) {
  const std::span<const RunRecord> shown = runs.first(std::min(max_table_columns, runs.size()));
  TableRows rows = {{"option"}};
  std::set<std::string> known;
  for (const RunRecord& run : shown) rows[0].push_back(run.directory.string());
  for (const RunRecord& run : shown) {
    for (const ConfigEntry& entry : run.configuration) {
      if (entry.name.empty() || !known.insert(entry.name).second) continue;
      rows.push_back({entry.name});
      for (const RunRecord& other : shown) rows.back().push_back(other.configured(entry.name));
    }
  }
  return html_table(rows);
}

}  // namespace polyak
