#include "app/tune/tune_result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "app/output/format.hpp"
#include "app/output/message.hpp"
#include "app/output/report.hpp"
#include "app/output/training_result.hpp"
#include "io/config_text.hpp"
#include "io/json_text.hpp"
#include "io/run_files.hpp"
#include "io/text_value.hpp"
#include "search/confirmation.hpp"
#include "search/score_intervals.hpp"
#include "search/search.hpp"
#include "search/search_tables.hpp"

namespace polyak {
namespace {

using Json = nlohmann::ordered_json;

const Trial& trial_of(const SearchResults& results, int trial) {
  return results.trials[static_cast<std::size_t>(trial)];
}

std::string score_text(const TrialScore& score) {
  if (score.is_failure()) return "failed";
  const int decimals = score_decimals(score.mean);
  if (std::isnan(score.standard_error)) return format_fixed(score.mean, decimals);
  return with_error({score.mean, score.standard_error}, decimals);
}

std::vector<std::string> setting_cells(const Space& space, const Setting& setting) {
  std::vector<std::string> cells;
  for (const SpaceField& field : space.fields) {
    if (!field.is_searched()) continue;
    const std::string* const value = find_value(setting, field.name);
    cells.push_back(value == nullptr ? "-" : *value);
  }
  return cells;
}

/// The best trials with their scores, the confirmed ones if there are any.
void print_best(std::ostream& out, const SearchPlan& plan, const SearchResults& results) {
  const std::vector<Confirmation> confirmed = ranked_confirmations(results);
  std::vector<std::string> heading = {trial_word(plan.options.scheduler), "score in the search"};
  if (!confirmed.empty()) {
    heading.insert(heading.end(), {"again, fresh seeds", "from other starts"});
  }
  const bool has_regret = !confirmed.empty() && confirmed.front().regret;
  if (has_regret) heading.emplace_back("regret there");
  for (const SpaceField& field : plan.space.fields) {
    if (field.is_searched()) heading.push_back(field.name);
  }
  std::vector<std::vector<std::string>> rows = {heading};
  const auto add = [&](int trial, std::vector<std::string> more) {
    std::vector<std::string> row = {std::to_string(trial),
                                    score_text(trial_of(results, trial).rungs.back().score)};
    row.insert(row.end(), more.begin(), more.end());
    const std::vector<std::string> cells =
        setting_cells(plan.space, trial_of(results, trial).setting);
    row.insert(row.end(), cells.begin(), cells.end());
    rows.push_back(std::move(row));
  };
  for (const Confirmation& one : confirmed) {
    std::vector<std::string> more = {score_text(one.again), score_text(one.score)};
    if (has_regret) {
      more.push_back(one.regret ? with_error({*one.regret, *one.regret_standard_error}) : "-");
    }
    add(one.trial, std::move(more));
  }
  constexpr std::size_t most = 3;
  const std::vector<int> best = best_trials(results.trials);
  for (std::size_t i = 0; confirmed.empty() && i < std::min(most, best.size()); ++i) {
    add(best[i], {});
  }
  print_table(out, rows);
}

ConfidenceInterval interval_of(const TrialScore& score, int seeds) {
  return mean_interval(score.mean, score.standard_error, static_cast<std::size_t>(seeds));
}

/// How much of the best score was luck.
void print_curse(std::ostream& out, const SearchPlan& plan, const SearchResults& results) {
  const std::vector<Confirmation> confirmed = ranked_confirmations(results);
  if (confirmed.empty() || confirmed.front().score.is_failure()) return;
  const Confirmation& best = confirmed.front();
  const Trial& trial = trial_of(results, best.trial);
  const TrialScore& then = trial.rungs.back().score;
  const double less = then.mean - best.again.mean;
  const int decimals = score_decimals(best.score.mean);
  const bool is_member = plan.options.scheduler == Scheduler::pbt;
  out << (is_member ? "The schedule of member " : "Trial ") << best.trial << " with "
      << counted(plan.options.confirmation.seeds, "fresh seed") << ": "
      << format_fixed(best.again.mean, decimals) << " from the start states of the search, ";
  const std::optional<bool> differs =
      differ(interval_of(then, plan.options.seeds),
             interval_of(best.again, plan.options.confirmation.seeds));
  if (trial.status == TrialStatus::stopped) {
    out << "which stopped it on the way; ";
  } else if (differs && !*differs) {
    out << "where it had " << format_fixed(then.mean, decimals) << ", the same within the errors; ";
  } else {
    out << format_fixed(std::abs(less), decimals) << (less >= 0.0 ? " less" : " more")
        << " than there, where it was chosen for its score"
        << (differs ? "; " : ", and one seed tells no error; ");
  }
  out << format_fixed(best.score.mean, decimals) << " from " << plan.confirmation_starts.count()
      << " others, the figure to quote.\n";
}

Json score_json(const TrialScore& score) {
  if (score.is_failure()) return nullptr;
  return {{"mean", score.mean},
          {"standard_error", number_or_null(score.standard_error)},
          {"worst_seed", score.worst}};
}

/// Its values as config_to_json() has them: numbers as numbers.
Json trial_json(const SearchPlan& plan, const SearchResults& results, int trial) {
  const Json config = config_to_json(trial_config(plan, trial_of(results, trial).setting));
  Json setting = Json::object();
  for (const SettingEntry& entry : trial_of(results, trial).setting) {
    setting[entry.field] = config.at(entry.field);
  }
  return {{"trial", trial},
          {"setting", setting},
          {"search_score", score_json(trial_of(results, trial).rungs.back().score)}};
}

/// When members of a population take over from others.
std::string selections_text(const SearchPlan& plan) {
  const std::vector<std::int64_t>& selections = plan.selections;
  if (selections.empty()) return " (no selection before the end: too few steps)";
  return " (" + counted(std::ssize(selections), "selection") + ", the first after " +
         std::to_string(selections.front()) + " steps)";
}

/// Where trials are compared, and with how many others; or that they never are.
std::string rungs_text(const SearchPlan& plan) {
  const SearchOptions& options = plan.options;
  if (options.scheduler == Scheduler::pbt) return selections_text(plan);
  const bool has_cohorts = options.scheduler == Scheduler::asha;
  if (!has_cohorts && options.scheduler != Scheduler::halving) return "";
  std::vector<std::string> rungs;
  for (const std::int64_t steps : plan.rungs) rungs.push_back(steps_text(plan, steps));
  std::string text = rungs.size() > 1 ? " (" + join_text(rungs, ", ") + " steps"
                                      : " (no rung before the end: all trials come to it";
  const int cohort = options.halving.cohort;
  if (has_cohorts) {
    text += options.trials > cohort ? "; cohorts of " + std::to_string(cohort) : "; one cohort";
  }
  return text + ")";
}

}  // namespace

std::string steps_text(const SearchPlan& plan, std::int64_t steps) {
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max(), most = 0;
  for (const Config& config : plan.configs) {
    const std::int64_t own = whole_steps(config, steps);
    fewest = std::min(fewest, own);
    most = std::max(most, own);
  }
  return std::to_string(fewest) + (fewest < most ? " to " + std::to_string(most) : "");
}

void print_search_beginning(std::ostream& out, const TuneStart& start) {
  const SearchPlan& plan = start.plan;
  const SearchOptions& options = plan.options;
  out << "Searching " << counted(static_cast<std::int64_t>(searched_fields(plan.space)), "option")
      << " of " << plan.base.environment << " with "
      << counted(options.trials, trial_word(plan.options.scheduler));
  if (options.scheduler != Scheduler::pbt) out << " of " << counted(options.seeds, "seed");
  out << ", " << steps_text(plan, plan.base.total_steps) << " environment steps each, scheduler "
      << to_string(options.scheduler) << rungs_text(plan) << ", in "
      << printable(start.directory.path().string()) << '\n'
      << std::flush;
}

void print_search_result(std::ostream& out, const TuneStart& start) {
  const SearchPlan& plan = start.plan;
  const SearchResults& results = start.results;
  const auto count = [&](TrialStatus status) {
    return std::count_if(results.trials.begin(), results.trials.end(),
                         [status](const Trial& trial) { return trial.status == status; });
  };
  out << "Searched for " << format_duration(results.seconds) << ": "
      << counted(count(TrialStatus::finished), trial_word(plan.options.scheduler)) << " finished, "
      << count(TrialStatus::stopped) << " stopped on the way, " << count(TrialStatus::failed)
      << " failed\n";
  print_best(out, plan, results);
  print_curse(out, plan, results);
  const std::string directory = printable(start.directory.path().string());
  out << (start.is_finished ? "It was finished; in " : "Wrote ") << directory;
  std::string separator = ": ";
  for (const std::string& name : {std::string(trials_file_name), std::string(best_config_file_name),
                                  best_policy_file_name(0, 1)}) {
    if (!std::filesystem::exists(start.directory.path() / name)) continue;
    out << separator << name;
    separator = ", ";
  }
  out << "\n  polyak report " << directory << "\n  polyak train --config " << directory << "/"
      << best_config_file_name;
  if (plan.options.scheduler == Scheduler::pbt) {
    out << " --schedule " << directory << "/" << lineage_file_name;
  }
  out << '\n';
}

Json search_summary(const TuneStart& start, bool is_finished) {
  const SearchResults& results = start.results;
  Json confirmations = Json::array();
  for (const Confirmation& one : ranked_confirmations(results)) {
    Json json = trial_json(start.plan, results, one.trial);
    json["again_score"] = score_json(one.again);
    json["confirmed_score"] = score_json(one.score);
    if (one.regret) {
      json["confirmed_regret"] = {{"mean", *one.regret},
                                  {"standard_error", number_or_null(*one.regret_standard_error)}};
    }
    confirmations.push_back(std::move(json));
  }
  const std::optional<int> best = best_trial(results);
  return {{"command", "tune"},
          {"finished", is_finished},
          {"environment", start.plan.base.environment},
          {"scheduler", to_string(start.plan.options.scheduler)},
          {"trials", results.trials.size()},
          {"seeds", start.plan.options.seeds},
          {"seconds", results.seconds},
          {"best", best ? trial_json(start.plan, results, *best) : Json(nullptr)},
          {"confirmed", std::move(confirmations)}};
}

}  // namespace polyak
