#include "search/search_results.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "polyak/core/error.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no infinities: a failure is null.
Json score_to_json(const TrialScore& score) {
  if (score.is_failure()) return nullptr;
  return Json::array({score.mean, score.standard_error, score.worst});
}

double number_or_nan(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

TrialScore score_from_json(const Json& json) {
  if (json.is_null()) return TrialScore::failure();
  return {json.at(0).get<double>(), number_or_nan(json.at(1)), json.at(2).get<double>()};
}

Json setting_to_json(const Setting& setting) {
  Json json = Json::object();
  for (const SettingEntry& entry : setting) json[entry.field] = entry.value;
  return json;
}

Setting setting_from_json(const Json& json) {
  Setting setting;
  for (const auto& [field, value] : json.items()) {
    setting.push_back({field, value.get<std::string>()});
  }
  return setting;
}

Json generation_to_json(const Generation& generation) {
  Json members = Json::array();
  for (std::size_t i = 0; i < generation.scores.size(); ++i) {
    const double score = generation.scores[i];
    Json member = {{"score", std::isinf(score) ? Json(nullptr) : Json(score)}};
    if (!generation.successors.empty()) {
      const Successor& successor = generation.successors[i];
      member["networks_from"] = successor.networks_from;
      member["settings_from"] = successor.settings_from;
      member["perturbed"] = successor.perturbed;
    }
    member["setting"] = setting_to_json(generation.settings[i]);
    members.push_back(std::move(member));
  }
  return {{"environment_steps", generation.environment_steps}, {"members", std::move(members)}};
}

Generation generation_from_json(const Json& json) {
  Generation generation{json.at("environment_steps").get<std::int64_t>(), {}, {}, {}};
  for (const Json& member : json.at("members")) {
    const Json& score = member.at("score");
    generation.scores.push_back(score.is_null() ? TrialScore::failure().mean : score.get<double>());
    if (member.contains("networks_from")) {
      generation.successors.push_back({member.at("networks_from").get<int>(),
                                       member.at("settings_from").get<int>(),
                                       member.at("perturbed").get<bool>()});
    }
    generation.settings.push_back(setting_from_json(member.at("setting")));
  }
  return generation;
}

Json confirmation_to_json(const Confirmation& confirmation) {
  Json json = {{"trial", confirmation.trial},
               {"again", score_to_json(confirmation.again)},
               {"score", score_to_json(confirmation.score)}};
  if (confirmation.regret) {
    json["regret"] = *confirmation.regret;
    json["regret_standard_error"] = *confirmation.regret_standard_error;
  }
  return json;
}

Confirmation confirmation_from_json(const Json& json) {
  Confirmation confirmation{json.at("trial").get<int>(),
                            score_from_json(json.at("again")),
                            score_from_json(json.at("score")),
                            {},
                            {}};
  if (json.contains("regret")) {
    confirmation.regret = json.at("regret").get<double>();
    confirmation.regret_standard_error = number_or_nan(json.at("regret_standard_error"));
  }
  return confirmation;
}

/// Scores of the trials in their order; what was kept follows from them.
void read_trials(const Json& json, const SearchPlan& plan, SearchResults& results) {
  if (json.size() != results.trials.size()) throw UsageError("it has scores of other trials");
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json.at(i).size() > plan.rungs.size()) throw UsageError("it has scores of more rungs");
    for (const Json& score : json.at(i)) {
      results.trials.at(i).rungs.push_back({score_from_json(score)});
    }
  }
}

/// Whether each generation is of the plan's selection, and of its members.
void check_generations(const std::vector<Generation>& generations, const SearchPlan& plan) {
  const std::size_t members = plan.settings.size();
  for (std::size_t i = 0; i < generations.size(); ++i) {
    const Generation& one = generations[i];
    const bool is_last = i == plan.selections.size();
    const bool in_order =
        i <= plan.selections.size() &&
        one.environment_steps == (is_last ? plan.base.total_steps : plan.selections[i]);
    const auto is_member = [&](int member) {
      return member >= 0 && member < static_cast<int>(members);
    };
    const bool among_members =
        std::all_of(one.successors.begin(), one.successors.end(), [&](const Successor& successor) {
          return is_member(successor.networks_from) && is_member(successor.settings_from);
        });
    if (in_order && among_members && one.scores.size() == members &&
        one.successors.size() == (is_last ? 0 : members)) {
      continue;
    }
    throw UsageError("its generation " + std::to_string(i) + " is none of this population");
  }
}

void check_confirmations(const SearchResults& results) {
  for (const Confirmation& one : results.confirmations) {
    const bool known = one.trial >= 0 && one.trial < std::ssize(results.trials) &&
                       !results.trials[static_cast<std::size_t>(one.trial)].rungs.empty();
    if (!known) throw UsageError("it confirms a trial without a score");
  }
}

}  // namespace

Confirmation confirmation_of(int trial, const TrialScore& again, const TrialScore& score,
                             const std::vector<double>& regrets) {
  Confirmation confirmation{trial, again, score, {}, {}};
  if (!regrets.empty()) {
    const Estimate all = estimate(regrets);
    confirmation.regret = all.mean;
    confirmation.regret_standard_error = all.standard_error;
  }
  return confirmation;
}

SearchResults no_results(const SearchPlan& plan) {
  SearchResults results;
  for (const Setting& setting : plan.settings) results.trials.push_back({setting});
  return results;
}

void set_members(SearchResults& results) {
  if (results.generations.empty() || !results.generations.back().successors.empty()) return;
  const Generation& last = results.generations.back();
  for (std::size_t i = 0; i < last.scores.size(); ++i) {
    Trial& trial = results.trials[i];
    trial.setting = last.settings[i];
    trial.rungs = {{score_of({last.scores[i]}), true}};
    trial.status = std::isinf(last.scores[i]) ? TrialStatus::failed : TrialStatus::finished;
  }
}

void set_final_statuses(const SearchPlan& plan, SearchResults& results) {
  for (Trial& trial : results.trials) {
    if (trial.rungs.empty() || trial.rungs.back().score.is_failure()) {
      trial.status = TrialStatus::failed;
    } else {
      trial.status =
          trial.rungs.size() == plan.rungs.size() ? TrialStatus::finished : TrialStatus::stopped;
    }
  }
}

Json results_to_json(const SearchResults& results) {
  Json scores = Json::array(), generations = Json::array(), confirmations = Json::array();
  for (const Trial& trial : results.trials) {
    Json rungs = Json::array();
    for (const RungResult& rung : trial.rungs) rungs.push_back(score_to_json(rung.score));
    scores.push_back(std::move(rungs));
  }
  for (const Generation& one : results.generations) generations.push_back(generation_to_json(one));
  for (const Confirmation& one : results.confirmations) {
    confirmations.push_back(confirmation_to_json(one));
  }
  return {{"seconds", results.seconds},
          {"scores", std::move(scores)},
          {"generations", std::move(generations)},
          {"confirmations", std::move(confirmations)}};
}

SearchResults results_from_json(const Json& json, const SearchPlan& plan, const std::string& file) {
  SearchResults results = no_results(plan);
  try {
    results.seconds = json.at("seconds").get<double>();
    read_trials(json.at("scores"), plan, results);
    for (const Json& one : json.at("generations")) {
      results.generations.push_back(generation_from_json(one));
    }
    check_generations(results.generations, plan);
    set_members(results);
    for (const Json& one : json.at("confirmations")) {
      results.confirmations.push_back(confirmation_from_json(one));
    }
    check_confirmations(results);
  } catch (const std::exception& error) {
    throw UsageError(file + ": its results are not those of such a search: " + error.what());
  }
  return results;
}

}  // namespace polyak
