#include "app/report/search_page.hpp"

#include <algorithm>
#include <vector>

#include "app/drawing/markup.hpp"
#include "app/output/format.hpp"
#include "app/output/report.hpp"
#include "app/report/html.hpp"
#include "app/report/importance_figures.hpp"
#include "app/report/lineage_figures.hpp"
#include "app/report/parallel_coordinates.hpp"
#include "app/report/parameter_figures.hpp"
#include "app/report/rung_figures.hpp"
#include "app/report/search_data.hpp"
#include "app/report/search_summary.hpp"

namespace polyak {
namespace {

constexpr std::size_t max_table_trials = 100;  // in the table

std::string trials_table(const SearchData& data) {
  std::vector<std::vector<std::string>> rows = {{"place", words_of(data.record).trial, "status",
                                                 "environment steps", "score (95%)", "worst seed"}};
  const bool has_rungs = !data.record.is_population();
  const auto add_rung = [&](const std::string& rung) {
    if (has_rungs) rows.back().insert(rows.back().begin() + 3, rung);
  };
  add_rung("rung");
  for (const std::string& field : data.record.fields) rows[0].push_back(field);
  for (std::size_t i = 0; i < std::min(max_table_trials, data.order.size()); ++i) {
    const TrialRecord& trial = data.record.trials[data.order[i]];
    const SearchScore& score = trial.score;
    rows.push_back({std::to_string(i + 1), std::to_string(trial.trial),
                    std::string(to_string(trial.status)),
                    trial.environment_steps < 0
                        ? "-"
                        : format_quantity(static_cast<double>(trial.environment_steps)),
                    score_text(score.mean, mean_interval(score.mean, score.standard_error,
                                                         static_cast<std::size_t>(trial.seeds))),
                    score_text(score.worst)});
    add_rung(trial.rung < 0 ? "-" : std::to_string(trial.rung));
    for (const std::string& value : trial.settings) rows.back().push_back(format_setting(value));
  }
  std::string text = html_table(rows);
  if (data.order.size() > max_table_trials) {
    text += element("p", {{"class", "soft"}},
                    "The first " + std::to_string(max_table_trials) + " of " +
                        std::to_string(data.order.size()) + "; all are in trials.csv.");
  }
  return text;
}

std::string common_options(const SearchRecord& record) {
  std::vector<std::vector<std::string>> rows = {{"option", "value"}};
  for (const ConfigEntry& entry : record.configuration) {
    const bool is_searched =
        std::find(record.fields.begin(), record.fields.end(), entry.name) != record.fields.end();
    if (!entry.name.empty() && !is_searched) {
      rows.push_back({entry.name, record.configured(entry.name)});
    }
  }
  const std::string heading = "What all " + words_of(record).trial + "s have in common";
  return rows.size() > 1 ? folded(heading, html_table(rows)) : "";
}

}  // namespace

std::string search_page(const SearchRecord& record) {
  const SearchData data = search_data(record);
  // Where settings change on the way, a trial's last ones say nothing of what its score came from.
  const bool changes = !record.generations.empty();
  const std::string effects = effects_table(data);
  const SearchWords words = words_of(record);
  const std::string body =
      element("p", {{"class", "soft"}}, escape_markup(describe_search(data))) +
      search_result(data) +
      section("The best " + words.setting + "s, confirmed", confirmed_settings(data)) +
      section("All " + words.trial + "s", parallel_coordinates(data)) +
      (changes ? ""
               : section("Score against each option", parameter_figures(data)) +
                     section("What mattered", correlation_figure(data)) +
                     section("Mean scores", effects_figure(data))) +
      section("Rungs", rungs_section(data)) + section("Lineage", lineage_section(data)) +
      section("More",
              (changes || effects.empty() ? "" : folded("Mean scores as numbers", effects)) +
                  folded(changes ? "Members" : "Trials", trials_table(data)) +
                  common_options(record));
  return html_page("Polyak: " + record.directory.string(), body);
}

}  // namespace polyak
