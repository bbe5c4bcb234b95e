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

constexpr std::size_t max_watched_trials = 10;

using TableLines = std::vector<std::vector<std::string>>;

std::map<TrialStatus, std::size_t> count_trials(const SearchRecord& search) {
  std::map<TrialStatus, std::size_t> counts;
  for (const TrialRecord& trial : search.trials) ++counts[trial.status];
  return counts;
}

struct RungCount {
  std::int64_t environment_steps;
  std::size_t trials = 0, kept = 0;
  bool is_decided = true;
  double best = std::numeric_limits<double>::quiet_NaN();  // as long as none has a score
};

std::map<std::int64_t, RungCount> count_rungs(const SearchRecord& search) {
  std::map<std::int64_t, RungCount> rungs;
  for (const RungRecord& row : search.rungs) {
    RungCount& rung = rungs[row.rung];
    rung.environment_steps = row.environment_steps;
    ++rung.trials;
    rung.kept += row.kept.value_or(false) ? 1 : 0;
    rung.is_decided = rung.is_decided && row.kept.has_value();
    rung.best = std::fmax(rung.best, row.score.mean);  // of a NaN and a number the number
  }
  return rungs;
}

/// Those of the best trials that have a score.
std::vector<std::size_t> best_trials(const SearchRecord& search) {
  std::vector<std::size_t> order = ranked_trials(search);
  std::erase_if(order, [&](std::size_t i) { return std::isnan(search.trials[i].score.mean); });
  order.resize(std::min(order.size(), max_watched_trials));
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
    rows.push_back({std::to_string(number),
                    format_quantity(static_cast<double>(rung.environment_steps)),
                    std::to_string(rung.trials), rung.is_decided ? std::to_string(rung.kept) : "-",
                    score_text(rung.best)});
  }
  return rows;
}

/// What trains: "trial", or "member" of a population.
std::string member_or_trial(const SearchRecord& search) {
  return search.is_population() ? "member" : "trial";
}

void add_settings(const std::vector<std::string>& settings, std::vector<std::string>& row) {
  for (const std::string& value : settings) row.push_back(printable(format_setting(value)));
}

TableLines watched_trials(const SearchRecord& search) {
  TableLines rows = {{member_or_trial(search), "status", "rung", "score", "error"}};
  for (const std::string& field : search.fields) rows[0].push_back(printable(field));
  for (const std::size_t index : best_trials(search)) {
    const TrialRecord& trial = search.trials[index];
    rows.push_back({std::to_string(trial.trial), std::string(to_string(trial.status)),
                    std::to_string(trial.rung), score_text(trial.score.mean),
                    score_text_like(trial.score.standard_error, trial.score.mean)});
    add_settings(trial.settings, rows.back());
  }
  return rows;
}

/// The best ones with fresh seeds from other start states: the first is the winner.
TableLines watched_confirmations(const SearchRecord& search) {
  TableLines rows = {{"confirmed", member_or_trial(search), "score", "error"}};
  for (const std::string& field : search.fields) rows[0].push_back(printable(field));
  for (const ConfirmationRecord& record : search.confirmations) {
    rows.push_back({std::to_string(record.rank), std::to_string(search.trials[record.trial].trial),
                    score_text(record.score.mean),
                    score_text_like(record.score.standard_error, record.score.mean)});
    add_settings(record.settings, rows.back());
  }
  return rows;
}

nlohmann::ordered_json confirmations_json(const SearchRecord& search) {
  auto list = nlohmann::ordered_json::array();
  for (const ConfirmationRecord& record : search.confirmations) {
    list.push_back({{"rank", record.rank},
                    {"trial", search.trials[record.trial].trial},
                    {"score", number_or_null(record.score.mean)},
                    {"standard_error", number_or_null(record.score.standard_error)},
                    {"settings", settings_json(search.fields, record.settings)}});
  }
  return list;
}

}  // namespace

std::string search_state(const SearchRecord& search, bool is_running) {
  if (is_running) return "running";
  if (!search.summary.is_object()) return "ended early";
  return search.is_finished() ? "finished" : "interrupted";
}

std::vector<std::string> search_view(const SearchRecord& search, const std::string& state,
                                     const WatchPlace& place) {
  const std::string environment = search.configured("environment");
  std::string progress = counted(std::ssize(search.trials), member_or_trial(search));
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
  add_table(watched_confirmations(search), place.width - 1, lines);
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
                     {"kept", rung.is_decided ? nlohmann::ordered_json(rung.kept) : nullptr},
                     {"best_score", number_or_null(rung.best)}});
  }
  auto best = nlohmann::ordered_json::array();
  for (const std::size_t index : best_trials(search)) {
    const TrialRecord& trial = search.trials[index];
    best.push_back({{"trial", trial.trial},
                    {"status", to_string(trial.status)},
                    {"rung", trial.rung},
                    {"score", number_or_null(trial.score.mean)},
                    {"standard_error", number_or_null(trial.score.standard_error)},
                    {"settings", settings_json(search.fields, trial.settings)}});
  }
  return {{"search", search.directory.string()},
          {"state", state},
          {"trials", std::move(counts)},
          {"rungs", std::move(rungs)},
          {"best", std::move(best)},
          {"confirmed", confirmations_json(search)}};
}

}  // namespace polyak
