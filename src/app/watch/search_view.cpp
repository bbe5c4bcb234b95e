#include "app/watch/search_view.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>

#include "app/output/format.hpp"
#include "app/output/message.hpp"
#include "app/output/report.hpp"
#include "io/json_text.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

constexpr std::size_t most_watched_trials = 10;

using TableLines = std::vector<std::vector<std::string>>;

std::map<TrialStatus, std::size_t> count_trials(const SearchRecord& search) {
  std::map<TrialStatus, std::size_t> counts;
  for (const TrialRecord& trial : search.trials) ++counts[trial.status];
  return counts;
}

struct RungCount {
  std::int64_t environment_steps;
  std::size_t trials = 0, kept = 0;
  double best = -std::numeric_limits<double>::infinity();
};

std::map<std::int64_t, RungCount> count_rungs(const SearchRecord& search) {
  std::map<std::int64_t, RungCount> rungs;
  for (const RungRecord& row : search.rungs) {
    RungCount& rung = rungs[row.rung];
    rung.environment_steps = row.environment_steps;
    ++rung.trials;
    rung.kept += row.kept.value_or(false) ? 1 : 0;
    if (row.score.mean > rung.best) rung.best = row.score.mean;
  }
  return rungs;
}

/// Those of the best trials that have a score.
std::vector<std::size_t> best_trials(const SearchRecord& search) {
  std::vector<std::size_t> order = ranked_trials(search);
  std::erase_if(order, [&](std::size_t i) { return std::isnan(search.trials[i].score.mean); });
  order.resize(std::min(order.size(), most_watched_trials));
  return order;
}

void add_table(const TableLines& rows, std::size_t width, std::vector<std::string>& lines) {
  if (rows.size() < 2) return;
  std::ostringstream text;
  print_table(text, rows);
  lines.emplace_back();
  for (const std::string& line : split_text(text.str(), '\n')) {
    lines.push_back(line.substr(0, width));
  }
  lines.pop_back();  // behind the last end of a line
}

TableLines watched_rungs(const SearchRecord& search) {
  TableLines rows = {{"rung", "steps", "trials", "went on", "best"}};
  for (const auto& [number, rung] : count_rungs(search)) {
    rows.push_back(
        {std::to_string(number), format_quantity(static_cast<double>(rung.environment_steps)),
         std::to_string(rung.trials), std::to_string(rung.kept), format_quantity(rung.best)});
  }
  return rows;
}

TableLines watched_trials(const SearchRecord& search) {
  TableLines rows = {{"trial", "status", "rung", "score", "error"}};
  for (const std::string& field : search.fields) rows[0].push_back(printable(field));
  for (const std::size_t index : best_trials(search)) {
    const TrialRecord& trial = search.trials[index];
    rows.push_back({std::to_string(trial.trial), std::string(to_string(trial.status)),
                    std::to_string(trial.rung), format_quantity(trial.score.mean),
                    format_quantity(trial.score.standard_error)});
    for (const std::string& value : trial.settings) {
      rows.back().push_back(printable(format_setting(value)));
    }
  }
  return rows;
}

}  // namespace

std::string search_state(const SearchRecord& search, bool is_running) {
  if (is_running) return "running";
  if (!search.summary.is_object()) return "ended early";
  const auto finished = search.summary.find("finished");
  const bool is_finished =
      finished != search.summary.end() && finished->is_boolean() && finished->get<bool>();
  return is_finished ? "finished" : "interrupted";
}

std::vector<std::string> search_view(const SearchRecord& search, const std::string& state,
                                     const WatchPlace& place) {
  const std::string environment = search.configured("environment");
  std::string progress = counted(static_cast<std::int64_t>(search.trials.size()), "trial");
  std::string separator = ": ";
  for (const auto& [status, count] : count_trials(search)) {
    progress += separator + std::to_string(count) + " " + std::string(to_string(status));
    separator = ", ";
  }
  std::vector<std::string> lines = {
      printable(search.directory.string() + (environment.empty() ? "" : "  " + environment) +
                "  search " + state)
          .substr(0, place.width - 1),
      progress.substr(0, place.width - 1)};
  add_table(watched_rungs(search), place.width - 1, lines);
  add_table(watched_trials(search), place.width - 1, lines);
  // The last line stays empty: a cursor stands there.
  if (place.height > 0 && lines.size() + 1 > place.height) lines.resize(place.height - 1);
  return lines;
}

nlohmann::ordered_json search_view_json(const SearchRecord& search, const std::string& state) {
  auto counts = nlohmann::ordered_json::object();
  for (const auto& [status, count] : count_trials(search)) {
    counts[std::string(to_string(status))] = count;
  }
  auto rungs = nlohmann::ordered_json::array();
  for (const auto& [number, rung] : count_rungs(search)) {
    rungs.push_back({{"rung", number},
                     {"environment_steps", rung.environment_steps},
                     {"trials", rung.trials},
                     {"kept", rung.kept},
                     {"best_score", number_or_null(rung.best)}});
  }
  auto best = nlohmann::ordered_json::array();
  for (const std::size_t index : best_trials(search)) {
    const TrialRecord& trial = search.trials[index];
    auto settings = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < search.fields.size(); ++i) {
      if (!trial.settings[i].empty()) settings[search.fields[i]] = trial.settings[i];
    }
    best.push_back({{"trial", trial.trial},
                    {"status", to_string(trial.status)},
                    {"rung", trial.rung},
                    {"score", number_or_null(trial.score.mean)},
                    {"standard_error", number_or_null(trial.score.standard_error)},
                    {"settings", std::move(settings)}});
  }
  return {{"search", search.directory.string()},
          {"state", state},
          {"trials", std::move(counts)},
          {"rungs", std::move(rungs)},
          {"best", std::move(best)}};
}

}  // namespace polyak
