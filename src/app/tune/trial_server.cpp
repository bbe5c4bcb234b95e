#include "app/tune/trial_server.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "backend/backend.hpp"
#include "config/checks.hpp"
#include "config/derived.hpp"
#include "config/fields.hpp"
#include "io/json_text.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "search/search_plan.hpp"
#include "search/shape_groups.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

using Json = nlohmann::ordered_json;

/// A value of a setting as on a command line; `place` names it in messages.
std::string value_text(const Json& value, const std::string& place) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  if (!value.is_array() || value.empty()) {
    throw UsageError(place + " is a number, a word, true, false or a list, not " + value.dump());
  }
  std::vector<std::string> parts;
  for (const Json& part : value) parts.push_back(value_text(part, place));
  return join_text(parts, ",");
}

Setting setting_of(const Json& given, const std::string& trial) {
  if (!given.is_object()) {
    throw UsageError(trial + ": \"setting\" is an object, not " + given.dump());
  }
  Setting setting;
  for (const auto& [option, value] : given.items()) {
    setting.push_back({option, value_text(value, trial + ": \"" + option + "\"")});
  }
  return setting;
}

const Json& required(const Json& object, const char* name) {
  if (!object.is_object() || !object.contains(name)) {
    throw UsageError("\"" + std::string(name) + "\" is missing in " + object.dump());
  }
  return object.at(name);
}

/// UsageError for a member that nobody would read.
void require_known(const Json& object, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::vector<std::string> names(known.begin(), known.end());
    throw UsageError("unknown \"" + name + "\" in " + object.dump() + "; it takes " +
                     join_text(names, ", "));
  }
}

/// UsageError for what is no list with something in it: of no trial nothing can be told.
void require_list(const Json& value, const std::string& name, const std::string& of) {
  if (value.is_array() && !value.empty()) return;
  throw UsageError("\"" + name + "\" is a list of " + of + ", of one at least, not " +
                   value.dump());
}

/// UsageError for what would change nothing in the trial.
void require_effects(const Setting& setting, const Config& config, const std::string& trial) {
  for (const SettingEntry& entry : setting) {
    const std::string_view why = why_without_effect(config, entry.field);
    if (!why.empty()) throw UsageError(trial + ": " + entry.field + " " + std::string(why));
  }
}

}  // namespace

TrialServer::TrialServer(const Config& base, std::vector<std::string> given,
                         std::vector<std::uint64_t> seeds, Starts starts,
                         const std::atomic<bool>& stop)
    : base_(base),
      given_(std::move(given)),
      seeds_(std::move(seeds)),
      starts_(std::move(starts)),
      stop_(stop) {}

std::optional<Json> TrialServer::answer(const Json& question) {
  const bool goes_on = question.is_object() && question.contains("continue");
  const char* const what = goes_on ? "continue" : "trials";
  const Json& trials = required(question, what);
  require_known(question, {what, "until"});
  // All that may be wrong comes first: a question that is refused changes nothing.
  const std::int64_t steps = steps_of(question);
  if (goes_on) {
    if (steps < steps_) {
      throw UsageError("\"until\" is at least " + std::to_string(steps_) +
                       ", which the trials already have, not " + std::to_string(steps));
    }
    keep(trials);
  } else {
    begin(trials);
  }
  steps_ = steps;
  return train(steps);
}

std::int64_t TrialServer::steps_of(const Json& question) const {
  const auto found = question.find("until");
  if (found == question.end()) return base_.total_steps;
  if (!found->is_number_integer()) {
    throw UsageError("\"until\" is a number of environment steps, not " + found->dump());
  }
  const auto until = found->get<std::int64_t>();
  if (until < 1) throw UsageError("\"until\" is at least 1, not " + found->dump());
  if (until > base_.total_steps) {
    throw UsageError("\"until\" is at most --total-steps, " + std::to_string(base_.total_steps) +
                     ", not " + found->dump());
  }
  return until;
}

void TrialServer::begin(const Json& trials) {
  require_list(trials, "trials", "trials");
  std::vector<Config> configs;
  std::vector<Setting> settings;
  std::vector<Json> ids;
  for (const Json& trial : trials) {
    const Json& id = required(trial, "id");
    require_known(trial, {"id", "setting"});
    if (!id.is_number_integer() && !id.is_string()) {
      throw UsageError("an \"id\" is a whole number or a word, not " + id.dump());
    }
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) {
      throw UsageError("two trials have the \"id\" " + id.dump());
    }
    ids.push_back(id);
    const std::string name = "trial " + id.dump();
    const Setting& setting = settings.emplace_back(setting_of(required(trial, "setting"), name));
    configs.push_back(configured(base_, setting, name, given_));
    require_effects(setting, configs.back(), name);
  }
  for (const std::vector<std::size_t>& group : shape_groups(configs)) require_places(group.size());
  ids_ = std::move(ids);
  configs_ = std::move(configs);
  settings_ = std::move(settings);
  asked_.resize(ids_.size());
  std::iota(asked_.begin(), asked_.end(), 0);
  make_populations();
}

/// One of each shape. What does not fit is a wrong question, which costs the trials before it.
void TrialServer::make_populations() {
  populations_.clear();
  for (const std::vector<std::size_t>& group : shape_groups(configs_)) {
    std::vector<int> members;
    std::vector<Config> own;
    for (const std::size_t index : group) {
      members.push_back(static_cast<int>(index));
      own.push_back(configs_[index]);
    }
    try {
      require_training_memory(population_config(own, seeds_));
    } catch (const RunError& error) {
      populations_.clear();
      asked_.clear();
      throw UsageError(std::string(error.what()) +
                       "; ask for fewer trials at once (those before are forgotten)");
    }
    populations_.push_back(std::make_unique<TrialPopulation>(members, own, seeds_));
  }
}

/// UsageError for more agents than a population can have.
void TrialServer::require_places(std::size_t trials) const {
  const std::size_t agents = trials * seeds_.size();
  if (agents <= static_cast<std::size_t>(largest_population)) return;
  throw UsageError("a population has at most " + std::to_string(largest_population) +
                   " agents, not " + std::to_string(agents) + " (" + std::to_string(trials) +
                   " trials of " + std::to_string(seeds_.size()) +
                   " seeds); ask for fewer at once");
}

void TrialServer::keep(const Json& wanted) {
  require_list(wanted, "continue", "ids");
  std::vector<int> asked;
  for (const Json& id : wanted) {
    const auto found = std::find_if(asked_.begin(), asked_.end(), [&](int trial) {
      return ids_[static_cast<std::size_t>(trial)] == id;
    });
    if (found == asked_.end()) throw UsageError("there is no trial " + id.dump() + " to continue");
    if (std::find(asked.begin(), asked.end(), *found) != asked.end()) {
      throw UsageError("\"continue\" has " + id.dump() + " twice");
    }
    asked.push_back(*found);
  }
  asked_ = std::move(asked);
  const std::set<int> kept(asked_.begin(), asked_.end());
  for (const auto& population : populations_) population->keep(kept);
}

std::optional<Json> TrialServer::train(std::int64_t steps) {
  std::map<int, TrialScore> scores;
  PopulationHooks hooks;
  hooks.stop = &stop_;
  std::map<int, std::int64_t> made;
  for (const auto& population : populations_) {
    if (!population->train_until(steps, hooks)) return {};
    const auto found = population->scores(starts_, &stop_);
    if (!found) return {};
    scores.insert(found->begin(), found->end());
    for (const auto& [trial, score] : *found) {
      made[trial] = population->trainer().environment_steps();
    }
  }
  Json results = Json::array();
  for (const int trial : asked_) {
    const auto score = scores.find(trial);
    const bool failed = score == scores.end() || score->second.is_failure();
    Json result = {{"id", ids_[static_cast<std::size_t>(trial)]},
                   {"status", failed ? "failed" : "ok"}};
    result["score"] = failed ? Json(nullptr) : Json(score->second.mean);
    if (!failed) {
      result["standard_error"] = number_or_null(score->second.standard_error);
      result["worst"] = score->second.worst;
      result["environment_steps"] = made[trial];
    }
    results.push_back(std::move(result));
  }
  return Json{{"results", std::move(results)}};
}

}  // namespace polyak
