#include "app/watch/watch_view.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "app/drawing/text_plot.hpp"
#include "app/output/format.hpp"
#include "app/output/learning_curve.hpp"
#include "app/output/message.hpp"
#include "app/output/population_table.hpp"
#include "app/output/report.hpp"
#include "io/json_text.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

constexpr double not_there = std::numeric_limits<double>::quiet_NaN();
/// Behind them metrics.csv has the options in which agents differ.
constexpr std::string_view last_metric = "critic_gradient_norm";

/// The newest value of every column of one agent; of a column that is empty in the newest row, that
/// of an earlier one.
struct NewestRow {
  std::size_t agent;
  std::vector<double> values;  // [columns]
};

std::vector<NewestRow> newest_rows(const AgentTable& table) {
  const std::vector<double> none(table.columns.size(), not_there);
  std::vector<NewestRow> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto agent = static_cast<std::size_t>(table.at(row, 0));
    const auto place = std::lower_bound(
        rows.begin(), rows.end(), agent,
        [](const NewestRow& known, std::size_t wanted) { return known.agent < wanted; });
    const bool is_known = place != rows.end() && place->agent == agent;
    NewestRow& newest = is_known ? *place : *rows.insert(place, {agent, none});
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      if (!std::isnan(table.at(row, column))) newest.values[column] = table.at(row, column);
    }
  }
  return rows;
}

double value_of(const RunRecord& run, const NewestRow& row, std::string_view column) {
  return run.metrics.has(column) ? row.values[run.metrics.index(column)] : not_there;
}

double newest_steps(const RunRecord& run) {
  return run.metrics.rows() == 0 ? 0.0 : run.metrics.at(run.metrics.rows() - 1, 1);
}

std::string progress_of(const RunRecord& run) {
  const std::vector<NewestRow> rows = newest_rows(run.metrics);
  if (rows.empty()) return "no report yet";
  const double steps = newest_steps(run);
  const std::optional<double> total = parse_number<double>(run.configured("total-steps"));
  std::string text = format_quantity(steps);
  if (total && *total > 0.0) {
    text += "/" + format_quantity(*total) + " steps (" +
            format_fixed(std::min(100.0, 100.0 * steps / *total), 0) + "%)";
  } else {
    text += " steps";
  }
  const double updates = value_of(run, rows.front(), "updates");
  const double seconds = value_of(run, rows.front(), "seconds");
  if (std::isfinite(updates)) text += "  " + format_quantity(updates) + " updates";
  if (seconds > 0.0) {
    const auto agents = static_cast<double>(rows.size());
    text +=
        "  " + format_duration(seconds) + "  " + format_rate(steps * agents / seconds) + " steps/s";
  }
  return text;
}

void add_plot(const AgentTable& table, const std::string& what, const WatchPlace& place,
              std::size_t height, std::vector<std::string>& lines) {
  if (!table.has("mean_return")) return;
  const std::vector<AgentCurve> curves = agent_curves(table, "mean_return");
  std::vector<Point> points;
  for (const PopulationPoint& point : population_curve(curves, 2 * place.width)) {
    points.push_back({point.steps, point.middle});
  }
  if (points.empty()) return;
  lines.emplace_back();
  const std::string of_agents =
      curves.size() > 1 ? ", interquartile mean of " + std::to_string(curves.size()) + " agents"
                        : "";
  lines.push_back(
      (what + of_agents + ": " + format_fixed(points.back().y, 1)).substr(0, place.width - 1));
  for (const std::string& line : text_plot(points, {place.width - 1, height, place.utf8})) {
    lines.push_back(line);
  }
}

/// The columns that fit, of which the last are the options in which agents differ.
std::vector<std::string> agents_table(const RunRecord& run, std::size_t width) {
  std::vector<std::string> columns = {"mean_return", "episodes", "critic_loss", "actor_loss",
                                      "mean_q"};
  std::vector<std::string> heading = {"agent",       "return",     "episodes",
                                      "critic loss", "actor loss", "mean Q"};
  const auto last = std::find(run.metrics.columns.begin(), run.metrics.columns.end(), last_metric);
  for (auto own = last; own != run.metrics.columns.end() && own + 1 != run.metrics.columns.end();
       ++own) {
    columns.push_back(*(own + 1));
    heading.push_back(*(own + 1));
  }
  std::vector<std::vector<std::string>> rows;
  std::vector<double> scores;
  for (const NewestRow& row : newest_rows(run.metrics)) {
    std::vector<std::string>& cells = rows.emplace_back();
    cells.push_back(std::to_string(row.agent));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const double value = value_of(run, row, columns[i]);
      cells.push_back(i < 5 ? format_quantity(value) : format_number(value));
    }
    const double score = value_of(run, row, "mean_return");
    scores.push_back(std::isnan(score) ? -std::numeric_limits<double>::infinity() : score);
  }
  std::ostringstream text;
  print_ranked_table(text, heading, rows, ranked(scores));
  std::vector<std::string> lines;
  for (std::string& line : split_text(text.str(), '\n')) lines.push_back(line.substr(0, width));
  lines.pop_back();  // behind the last end of a line
  return lines;
}

/// Steps and agents without a fraction, as programs count them.
nlohmann::ordered_json json_number(double value) {
  constexpr double largest_exact = 9007199254740992.0;  // 2^53
  if (value != std::round(value) || std::abs(value) > largest_exact) return number_or_null(value);
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::string state_of(const RunRecord& run, bool is_running) {
  if (is_running) return "running";
  if (!run.summary.is_object()) return "ended early";
  const auto reason = run.summary.find("stop_reason");
  return reason != run.summary.end() && reason->is_string() ? reason->get<std::string>() : "ended";
}

std::vector<std::string> watch_view(const RunRecord& run, const std::string& state,
                                    const WatchPlace& place) {
  const std::string environment = run.configured("environment");
  std::vector<std::string> lines = {
      printable(run.directory.string() + (environment.empty() ? "" : "  " + environment) + "  " +
                state)
          .substr(0, place.width - 1),
      progress_of(run).substr(0, place.width - 1)};
  if (run.metrics.rows() == 0) return lines;
  const std::size_t height =
      place.height == 0 ? 12 : std::clamp<std::size_t>(place.height / 3, 5, 12);
  add_plot(run.metrics, "return while training", place, height, lines);
  if (place.height == 0 || place.height > 2 * height + 10) {
    add_plot(run.evaluations, "return without noise", place, height, lines);
  }
  lines.emplace_back();
  for (const std::string& line : agents_table(run, place.width - 1)) lines.push_back(line);
  // The last line stays empty: a cursor stands there.
  if (place.height > 0 && lines.size() + 1 > place.height) lines.resize(place.height - 1);
  return lines;
}

nlohmann::ordered_json watch_json(const RunRecord& run, const std::string& state) {
  auto agents = nlohmann::ordered_json::array();
  for (const NewestRow& row : newest_rows(run.metrics)) {
    auto agent = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      agent[run.metrics.columns[i]] = json_number(row.values[i]);
    }
    agents.push_back(std::move(agent));
  }
  const std::optional<double> total = parse_number<double>(run.configured("total-steps"));
  return {{"run", run.directory.string()},
          {"state", state},
          {"environment_steps", json_number(newest_steps(run))},
          {"total_steps", json_number(total.value_or(not_there))},
          {"agents", std::move(agents)}};
}

}  // namespace polyak
