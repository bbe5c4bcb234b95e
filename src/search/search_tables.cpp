#include "search/search_tables.hpp"

#include <algorithm>
#include <cmath>

#include "config/derived.hpp"
#include "io/text_value.hpp"
#include "io/varied_fields.hpp"

namespace polyak {
namespace {

/// Empty for what is no number.
std::string cell(double value) { return std::isfinite(value) ? format_number(value) : ""; }

std::string score_cells(const TrialScore& score) {
  return cell(score.mean) + "," + cell(score.standard_error) + "," + cell(score.worst);
}

std::string field_columns(const Space& space) {
  std::string text;
  for (const SpaceField& field : space.fields) text += "," + column_name(field.name);
  return text;
}

/// A list's values are separated by blanks: a comma would be another column.
std::string field_cells(const Space& space, const Setting& setting) {
  std::string text;
  for (const SpaceField& field : space.fields) {
    const std::string* const value = find_value(setting, field.name);
    std::string one = value == nullptr ? "" : *value;
    std::replace(one.begin(), one.end(), ',', ' ');
    text += "," + one;
  }
  return text;
}

std::int64_t updates_after(const Config& config, std::int64_t steps) {
  Config shorter = config;
  shorter.total_steps = steps;
  return std::max<std::int64_t>(0, derive(shorter).updates);
}

/// The members' settings with which they came to their scores.
std::vector<Setting> settings_before(const SearchPlan& plan, const SearchResults& results,
                                     std::size_t generation) {
  return generation == 0 ? plan.settings : results.generations[generation - 1].settings;
}

}  // namespace

std::string trials_table(const SearchPlan& plan, const SearchResults& results) {
  std::string text =
      "trial,status,rung,environment_steps,updates,seeds,score,standard_error,worst" +
      field_columns(plan.space) + "\n";
  for (std::size_t i = 0; i < results.trials.size(); ++i) {
    const Trial& trial = results.trials[i];
    const Config& config = plan.configs[i];
    text += std::to_string(i) + "," + std::string(to_string(trial.status));
    if (trial.rungs.empty()) {
      text += ",,,," + std::to_string(plan.options.seeds) + ",,,";
    } else {
      const std::size_t rung = trial.rungs.size() - 1;
      const std::int64_t steps = plan.rungs[rung];
      text += "," + std::to_string(rung) + "," + std::to_string(whole_steps(config, steps)) + "," +
              std::to_string(updates_after(config, steps)) + "," +
              std::to_string(plan.options.seeds) + "," + score_cells(trial.rungs.back().score);
    }
    text += field_cells(plan.space, trial.setting) + "\n";
  }
  return text;
}

std::string rungs_table(const SearchPlan& plan, const SearchResults& results) {
  std::string text = "rung,environment_steps,trial,score,standard_error,worst,kept\n";
  for (std::size_t rung = 0; rung < plan.rungs.size(); ++rung) {
    for (std::size_t i = 0; i < results.trials.size(); ++i) {
      if (results.trials[i].rungs.size() <= rung) continue;
      const RungResult& result = results.trials[i].rungs[rung];
      const std::string kept = !result.kept ? "" : *result.kept ? "1" : "0";
      text += std::to_string(rung) + "," +
              std::to_string(whole_steps(plan.configs[i], plan.rungs[rung])) + "," +
              std::to_string(i) + "," + score_cells(result.score) + "," + kept + "\n";
    }
  }
  return text;
}

std::vector<Confirmation> ranked_confirmations(const SearchResults& results) {
  std::vector<Confirmation> ranked = results.confirmations;
  std::sort(ranked.begin(), ranked.end(), [](const Confirmation& one, const Confirmation& other) {
    const double mean = one.score.mean, others = other.score.mean;
    return mean != others ? mean > others : one.trial < other.trial;
  });
  return ranked;
}

std::string confirmations_table(const SearchPlan& plan, const SearchResults& results) {
  std::string text =
      "rank,trial,search_score,search_standard_error,again_score,again_standard_error,seeds,score,"
      "standard_error,worst,regret,"
      "regret_standard_error" +
      field_columns(plan.space) + "\n";
  int rank = 0;
  for (const Confirmation& confirmation : ranked_confirmations(results)) {
    const Trial& trial = results.trials[static_cast<std::size_t>(confirmation.trial)];
    const TrialScore& before = trial.rungs.back().score;
    text += std::to_string(++rank) + "," + std::to_string(confirmation.trial) + "," +
            cell(before.mean) + "," + cell(before.standard_error) + "," +
            cell(confirmation.again.mean) + "," + cell(confirmation.again.standard_error) + "," +
            std::to_string(plan.options.confirmation.seeds) + "," +
            score_cells(confirmation.score) + "," +
            (confirmation.regret
                 ? cell(*confirmation.regret) + "," + cell(*confirmation.regret_standard_error)
                 : ",") +
            field_cells(plan.space, trial.setting) + "\n";
  }
  return text;
}

std::string generations_table(const SearchPlan& plan, const SearchResults& results) {
  std::string text =
      "generation,environment_steps,member,score,copied_from" + field_columns(plan.space) + "\n";
  for (std::size_t i = 0; i < results.generations.size(); ++i) {
    const Generation& generation = results.generations[i];
    const std::vector<Setting> settings = settings_before(plan, results, i);
    for (std::size_t member = 0; member < generation.scores.size(); ++member) {
      std::string from;
      if (!generation.successors.empty()) {
        const int source = generation.successors[member].networks_from;
        if (source != static_cast<int>(member)) from = std::to_string(source);
      }
      text += std::to_string(i) + "," + std::to_string(generation.environment_steps) + "," +
              std::to_string(member) + "," + cell(generation.scores[member]) + "," + from +
              field_cells(plan.space, settings[member]) + "\n";
    }
  }
  return text;
}

}  // namespace polyak
