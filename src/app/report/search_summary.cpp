#include "app/report/search_summary.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "app/drawing/interval_plot.hpp"
#include "app/drawing/markup.hpp"
#include "app/drawing/svg_shapes.hpp"
#include "app/output/format.hpp"
#include "app/output/report.hpp"
#include "app/report/html.hpp"
#include "io/run_files.hpp"
#include "io/text_value.hpp"
#include "search/search_directory.hpp"

namespace polyak {
namespace {

ConfidenceInterval search_interval(const SearchData& data, const ConfirmationRecord& record) {
  const auto seeds = static_cast<std::size_t>(data.record.trials[record.trial].seeds);
  return mean_interval(record.search_score, record.search_standard_error, seeds);
}

ConfidenceInterval again_interval(const ConfirmationRecord& record) {
  return mean_interval(record.again_score, record.again_standard_error,
                       static_cast<std::size_t>(record.seeds));
}

ConfidenceInterval confirmed_interval(const ConfirmationRecord& record) {
  return mean_interval(record.score.mean, record.score.standard_error,
                       static_cast<std::size_t>(record.seeds));
}

ConfidenceInterval trial_interval(const TrialRecord& trial) {
  return mean_interval(trial.score.mean, trial.score.standard_error,
                       static_cast<std::size_t>(trial.seeds));
}

std::string interval_text(const ConfidenceInterval& interval) {
  if (!std::isfinite(interval.low)) return "";
  return "95%: " + score_text(interval.low) + " to " + score_text(interval.high);
}

/// Whether its score in the search is one of fewer steps than the confirmation's.
bool was_stopped(const SearchData& data, const ConfirmationRecord& record) {
  return data.record.trials[record.trial].status == TrialStatus::stopped;
}

std::string describe_scheduler(const std::string& name) {
  if (name == "asha") return "asynchronous successive halving";
  if (name == "halving") return "successive halving";
  if (name == "pbt") return "population based training (pbt)";
  if (name == "none" || name.empty()) return "every trial to its end (no scheduler)";
  return name;
}

/// Those of the space, or those in which trials differ.
std::int64_t searched_options(const SearchData& data) {
  if (!data.record.space) return static_cast<std::int64_t>(data.fields.size());
  const std::vector<SpaceField>& fields = data.record.space->fields;
  return std::count_if(fields.begin(), fields.end(),
                       [](const SpaceField& field) { return field.is_searched(); });
}

std::string tile(const std::string& name, const std::string& value, const std::string& note) {
  return element("div", {},
                 element("dt", {}, escape_markup(name)) + element("dd", {}, escape_markup(value)) +
                     (note.empty() ? "" : element("dd", {{"class", "soft"}}, escape_markup(note))));
}

/// Those of each of its agents; members of a population have none of their own before its end.
std::int64_t steps_of(const SearchRecord& record, const TrialRecord& trial) {
  if (record.generations.empty()) return trial.environment_steps;
  return std::max(trial.environment_steps, record.generations.back().environment_steps);
}

/// Environment steps of all agents.
double total_steps(const SearchRecord& record) {
  double steps = 0.0;
  for (const TrialRecord& trial : record.trials) {
    steps += static_cast<double>(std::max<std::int64_t>(0, steps_of(record, trial))) *
             static_cast<double>(trial.seeds);
  }
  return steps;
}

std::string tiles(const SearchData& data) {
  const SearchRecord& record = data.record;
  const TrialRecord& winner = record.trials[data.winner];
  std::string content;
  if (record.confirmations.empty()) {
    content += tile("best score so far, not confirmed", score_text(winner.score.mean),
                    interval_text(trial_interval(winner)));
  } else {
    const ConfirmationRecord& best = record.confirmations.front();
    content += tile("best " + words_of(record).setting + ", confirmed", score_text(best.score.mean),
                    interval_text(confirmed_interval(best)));
    content += tile("the same in the search", score_text(best.search_score),
                    interval_text(search_interval(data, best)));
  }
  const std::size_t failed = failed_trials(record);
  content +=
      tile(words_of(record).trial + "s", format_quantity(static_cast<double>(record.trials.size())),
           failed == 0 ? "none failed" : std::to_string(failed) + " failed");
  content += tile("environment steps", format_rate(total_steps(record)),
                  "of all agents, without confirmations");
  if (record.summary.is_object() && record.summary.contains("seconds") &&
      record.summary["seconds"].is_number()) {
    content += tile("time", format_duration(record.summary["seconds"].get<double>()), "");
  }
  return element("dl", {{"class", "tiles"}}, content);
}

/// How much the search's scores of the confirmed settings are above those with fresh seeds. What it
/// stopped has learned for longer since.
std::string mean_difference(const SearchData& data) {
  const std::vector<ConfirmationRecord>& all = data.record.confirmations;
  double sum = 0.0, count = 0.0;
  bool has_stopped = false;
  for (const ConfirmationRecord& record : all) {
    if (std::isnan(record.again_score)) continue;  // it failed
    if (was_stopped(data, record)) {
      has_stopped = true;
      continue;
    }
    sum += record.search_score - record.again_score;
    ++count;
  }
  if (count < 2.0) return "";
  const double mean = sum / count;
  return " Over the " + format_fixed(count, 0) + " " + words_of(data.record).setting +
         "s that were confirmed" + (has_stopped ? " and that it had trained to the end" : "") +
         ", the search's scores are on average " +
         score_text_like(std::abs(mean), all.front().score.mean) +
         (mean < 0.0 ? " below" : " above") + " those with fresh seeds.";
}

/// What choosing the best of many noisy scores has made of the winner's.
std::string winners_curse(const SearchData& data) {
  const std::vector<ConfirmationRecord>& all = data.record.confirmations;
  const ConfirmationRecord& best = all.front();
  if (std::isnan(best.score.mean)) return "Trained again with fresh seeds it failed.";
  const double difference = best.search_score - best.again_score;
  const std::string amount = score_text_like(std::abs(difference), best.score.mean);
  const bool stopped = was_stopped(data, best);
  std::string text = std::string("In the search") +
                     (stopped ? ", which stopped it on the way," : "") + " it had " +
                     score_text(best.search_score, search_interval(data, best)) + "; with " +
                     counted(best.seeds, "fresh seed") + ", from the same start states, it has " +
                     score_text(best.again_score, again_interval(best));
  const std::optional<bool> differs = differ(search_interval(data, best), again_interval(best));
  if (stopped) {
    text += ". ";
  } else if (differs && !*differs) {
    text += ". The difference of " + amount + " is within their errors. ";
  } else if (difference > 0.0) {
    text += ". The difference of " + amount + " " + (differs ? "is" : "may be") +
            " the winner's curse: the best of " +
            format_quantity(static_cast<double>(data.record.trials.size())) +
            " noisy scores is a lucky one, too. ";
  } else {
    text += ", " + amount + " more: its score in the search was not too high. ";
  }
  return text + "From other start states it has " +
         score_text(best.score.mean, confirmed_interval(best)) + ", the figure to quote." +
         mean_difference(data);
}

/// A path as a shell takes it.
std::string quoted(const std::filesystem::path& path) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+=:@,";
  std::string text = path.string();
  if (text.find_first_not_of(plain) == std::string::npos) return text;
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4) {
    text.replace(at, 1, "'\\''");
  }
  return "'" + text + "'";
}

/// Of a population the best member's schedule, otherwise the best setting.
std::string best_command(const SearchRecord& record) {
  if (!record.has_best_config) return "";
  std::string command = "polyak train --config " + quoted(record.directory / best_config_file_name);
  if (record.option("scheduler") == "pbt" && record.has_lineage) {
    command += " --schedule " + quoted(record.directory / lineage_file_name);
  }
  return element("p", {}, "It trains again by") +
         element("pre", {}, element("code", {}, escape_markup(command)));
}

std::string confirmed_table(const SearchData& data) {
  const std::vector<ConfirmationRecord>& all = data.record.confirmations;
  const bool has_regret = std::any_of(all.begin(), all.end(), [](const ConfirmationRecord& record) {
    return std::isfinite(record.regret);
  });
  std::vector<std::vector<std::string>> rows = {
      {"rank", words_of(data.record).trial, "confirmed score (95%)", "worst seed",
       "fresh seeds, same starts (95%)", "in the search (95%)"}};
  if (has_regret) rows[0].emplace_back("regret (95%)");
  for (const std::string& field : data.record.fields) rows[0].push_back(field);
  for (const ConfirmationRecord& record : all) {
    rows.push_back(
        {std::to_string(record.rank), std::to_string(data.record.trials[record.trial].trial),
         score_text(record.score.mean, confirmed_interval(record)), score_text(record.score.worst),
         score_text(record.again_score, again_interval(record)),
         score_text(record.search_score, search_interval(data, record))});
    if (has_regret) {
      rows.back().push_back(
          score_text(record.regret, mean_interval(record.regret, record.regret_standard_error,
                                                  static_cast<std::size_t>(record.seeds))));
    }
    for (const std::string& value : record.settings) rows.back().push_back(format_setting(value));
  }
  return html_table(rows);
}

std::string confirmed_figure(const SearchData& data) {
  IntervalPlot plot{"Scores in the search and confirmed ones", "score: mean return without noise"};
  plot.joins_marks = true;
  std::vector<double> shown;
  for (const ConfirmationRecord& record : data.record.confirmations) {
    const ConfidenceInterval search = search_interval(data, record), again = again_interval(record),
                             confirmed = confirmed_interval(record);
    IntervalRow row{std::to_string(record.rank) + ": " + words_of(data.record).trial + " " +
                        std::to_string(data.record.trials[record.trial].trial),
                    {{record.search_score, search.low, search.high, scale_class(2), true},
                     {record.again_score, again.low, again.high, scale_class(4), true},
                     {record.score.mean, confirmed.low, confirmed.high, highlight_class}}};
    for (const IntervalMark& mark : row.marks) {
      shown.insert(shown.end(), {mark.value, mark.low, mark.high});
    }
    plot.rows.push_back(std::move(row));
  }
  plot.x_axis = value_axis(shown, false, 0.03);
  return captioned(
      interval_plot_svg(plot) +
          class_key({{scale_class(2), "in the search"},
                     {scale_class(4), "trained again with fresh seeds, the same start states"},
                     {highlight_class, "the same from other start states: the confirmed score"}}),
      "The " + words_of(data.record).setting +
          "s that were best in the search, by rank after confirmation; lines are 95% "
          "intervals over seeds (Student's). Further right is better. The first was chosen by its "
          "confirmed score, which makes that a little too good again.");
}

}  // namespace

std::string describe_search(const SearchData& data) {
  const SearchRecord& record = data.record;
  std::int64_t fewest = record.trials.front().seeds, most = fewest;
  for (const TrialRecord& trial : record.trials) {
    fewest = std::min(fewest, trial.seeds);
    most = std::max(most, trial.seeds);
  }
  const std::string environment = record.configured("environment");
  std::string text = environment.empty() ? "" : environment + ": ";
  const std::string trial = words_of(record).trial;
  text += counted(static_cast<std::int64_t>(record.trials.size()), trial) + " of " +
          counted(searched_options(data), "searched option") + ", " +
          describe_scheduler(record.option("scheduler")) + "; ";
  text += fewest == most ? counted(most, "seed")
                         : std::to_string(fewest) + " to " + counted(most, "seed");
  text += " a " + trial;
  const auto steps = parse_number<std::int64_t>(record.configured("total-steps"));
  if (steps) text += ", up to " + counted(*steps, "environment step") + " each";
  return text + (record.is_finished() ? "." : "; not finished.");
}

std::string search_result(const SearchData& data) {
  const SearchRecord& record = data.record;
  const TrialRecord& winner = record.trials[data.winner];
  const std::string number = std::to_string(winner.trial);
  std::string text = (record.is_population()
                          ? "The best schedule is that of member " + number + ", which ends with "
                          : "The best setting is trial " + number + ": ") +
                     settings_text(record.fields, record.confirmations.empty()
                                                      ? winner.settings
                                                      : record.confirmations.front().settings) +
                     ". ";
  if (!record.confirmations.empty()) {
    text += winners_curse(data);
  } else if (std::isnan(winner.score.mean)) {
    text = "No " + words_of(record).trial + " has a score yet.";
  } else {
    text += "In the search it has " + score_text(winner.score.mean, trial_interval(winner)) +
            ". No " + words_of(record).setting +
            " has been trained again with fresh seeds yet; as the best of many noisy "
            "scores this one is probably too high (the winner's curse).";
  }
  return tiles(data) + element("p", {}, escape_markup(text)) + best_command(record);
}

std::string confirmed_settings(const SearchData& data) {
  if (data.record.confirmations.empty()) return "";
  return confirmed_figure(data) + confirmed_table(data);
}

}  // namespace polyak
