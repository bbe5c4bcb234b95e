#include "search/search_run.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "config/derived.hpp"
#include "io/config_text.hpp"
#include "io/program_version.hpp"
#include "io/run_files.hpp"
#include "io/sha256.hpp"
#include "polyak/core/error.hpp"
#include "search/search_tables.hpp"
#include "trainer/resumable_config.hpp"

namespace polyak {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view search_format_name = "polyak search";
constexpr int search_format_version = 1;

Json options_to_json(const SearchOptions& options) {
  return {
      {"scheduler", to_string(options.scheduler)},
      {"sampler", to_string(options.sampler)},
      {"trials", options.trials},
      {"seeds", options.seeds},
      {"seed", options.seed},
      {"evaluation_episodes", options.evaluation_episodes},
      {"reduction", options.halving.reduction},
      {"first_rung", options.halving.first_rung},
      {"cohort", options.halving.cohort},
      {"pbt_intervals", options.population.intervals},
      {"pbt_quantile", options.population.quantile},
      {"pbt_copy", options.population.part == AgentPart::everything ? "everything" : "networks"},
      {"confirm", options.confirmation.trials},
      {"confirm_seeds", options.confirmation.seeds},
      {"given", options.given}};
}

/// Of what would make another search if it were another: where it is trained is none of it.
std::string digest_of(const SearchPlan& plan) {
  return Sha256()
      .add(plan.space_text)
      .add(config_to_toml(executed_as(plan.base, Config())))
      .add(std::as_bytes(std::span(plan.confirmation_starts.states)))
      .add(std::as_bytes(std::span(plan.confirmation_starts.best_returns)))
      .hex();
}

}  // namespace

void require_same_search(const SearchPlan& plan, const Json& json, const std::string& file) {
  const auto digest = json.find("digest");
  if (digest != json.end() && *digest == digest_of(plan)) return;
  throw UsageError(file +
                   ": began with another space.toml, config.toml or starts.json than is now beside "
                   "it; with those it would be a new search, in a directory of its own");
}

std::string search_json(const SearchPlan& plan, const SearchResults& results) {
  Json json = {{"format", search_format_name},
               {"format_version", search_format_version},
               {"program_version", program_version()},
               {"space", plan.space.file},
               {"digest", digest_of(plan)},
               {"options", options_to_json(plan.options)}};
  json["results"] = results_to_json(results);
  return json.dump() + "\n";
}

SearchOptions options_from_json(const Json& json, const std::string& file) {
  SearchOptions options;
  try {
    if (json.at("format").get<std::string>() != search_format_name) {
      throw UsageError("its format is another one");
    }
    if (json.at("format_version").get<int>() > search_format_version) {
      throw UsageError("it is of a newer program, " +
                       json.at("program_version").get<std::string>());
    }
    const Json& given = json.at("options");
    options.scheduler = parse_scheduler(given.at("scheduler").get<std::string>());
    options.sampler = parse_sampler(given.at("sampler").get<std::string>());
    const auto read = [&](const char* name, auto& value, double lowest, double highest) {
      given.at(name).get_to(value);
      const auto number = static_cast<double>(value);
      if (number >= lowest && number <= highest) return;
      throw UsageError("its option " + std::string(name) + " is out of range");
    };
    constexpr double many = 1e15;
    read("trials", options.trials, 1, max_trials);
    read("seeds", options.seeds, 1, 1000);
    given.at("seed").get_to(options.seed);
    read("evaluation_episodes", options.evaluation_episodes, 1, 1e6);
    read("reduction", options.halving.reduction, 1.1, 1000.0);
    read("first_rung", options.halving.first_rung, 0, many);
    read("cohort", options.halving.cohort, 1, largest_population);
    given.at("pbt_intervals").get_to(options.population.intervals);
    for (const std::int64_t interval : options.population.intervals) {
      if (interval < 1) throw UsageError("its option pbt_intervals is out of range");
    }
    read("pbt_quantile", options.population.quantile, 0.0, 0.5);
    const auto part = given.at("pbt_copy").get<std::string>();
    if (part != "everything" && part != "networks") {
      throw UsageError("its option pbt_copy is neither everything nor networks");
    }
    options.population.part = part == "everything" ? AgentPart::everything : AgentPart::networks;
    read("confirm", options.confirmation.trials, 0, 1000);
    read("confirm_seeds", options.confirmation.seeds, 1, 10000);
    options.given = given.value("given", options.given);
  } catch (const std::exception& error) {
    throw UsageError(file + ": is no search of polyak's: " + error.what());
  }
  return options;
}

AllTrialsFailed::AllTrialsFailed(const SearchPlan& plan)
    : RunError("every " + trial_word(plan.options.scheduler) +
               " has had a value that is not finite; narrow the ranges of " + plan.space.file) {}

void SearchRun::set_stage(std::string stage, int alive, std::int64_t agent_steps_left) {
  progress_.stage = std::move(stage);
  progress_.alive = alive;
  planned_ = agent_steps_left;
  stage_begin_ = progress_.agent_steps;
}

double SearchRun::seconds_here() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

void SearchRun::report(const Report& report, int agents) {
  steps_here_ += (report.environment_steps - reported_steps_) * agents;
  reported_steps_ = report.environment_steps;
  progress_.agent_steps += std::max<std::int64_t>(0, reported_steps_ - counted_steps_) * agents;
  counted_steps_ = std::max(counted_steps_, reported_steps_);
  tell();
}

void SearchRun::expect_steps_from(std::int64_t steps, std::int64_t known) {
  reported_steps_ = steps;
  counted_steps_ = std::max(steps, known);
}

void SearchRun::count_earlier(std::int64_t agent_steps) { progress_.agent_steps += agent_steps; }

/// How far the search is; `also` is said of what it does just now.
void SearchRun::tell(const std::string& also) {
  if (!hooks.on_progress) return;
  SearchProgress told = progress_;
  told.stage += also;
  told.agent_steps_left = std::max<std::int64_t>(0, planned_ - (told.agent_steps - stage_begin_));
  if (steps_here_ > 0) {
    const double rate = static_cast<double>(steps_here_) / std::max(seconds_here(), 1e-9);
    told.agents_per_second = rate / static_cast<double>(plan.base.total_steps);
    told.seconds_left = static_cast<double>(told.agent_steps_left) / rate;
  }
  const std::vector<int> best = best_trials(results.trials);
  if (!best.empty()) {
    told.best = results.trials[static_cast<std::size_t>(best.front())].rungs.back().score;
  }
  hooks.on_progress(told);
}

PopulationHooks SearchRun::population_hooks(const TrialPopulation& population,
                                            const std::function<void()>& save,
                                            std::int64_t steps_before) {
  PopulationHooks own;
  if (!population.is_empty()) {
    const Trainer& trainer = population.trainer();
    expect_steps_from(trainer.environment_steps(), whole_steps(trainer.config(), steps_before));
  }
  own.on_progress = [this](const Report& one) { report(one, static_cast<int>(one.agents.size())); };
  own.progress_interval = hooks.progress_interval;
  own.stop = hooks.stop;
  if (hooks.checkpoint_interval > 0.0) {
    own.checkpoint_interval = hooks.checkpoint_interval;
    own.checkpoint_age = checkpoint_age();
    own.on_checkpoint = [this, save] { checkpoint(save); };
  }
  return own;
}

bool SearchRun::checkpoint_is_due() const {
  return hooks.checkpoint_interval > 0.0 && checkpoints_.is_due(hooks.checkpoint_interval);
}

double SearchRun::checkpoint_age() const {
  return hooks.checkpoint_interval - checkpoints_.seconds_left(hooks.checkpoint_interval);
}

void SearchRun::checkpoint(const std::function<void()>& save) {
  checkpoints_.begin();
  save();
  checkpoints_.end();
}

void SearchRun::save(const std::string& name,
                     const std::function<void(const std::filesystem::path& path)>& write) {
  tell(", writing a checkpoint");
  try {
    write(directory.population_path(name));
    write_state();
  } catch (const RunError& error) {
    if (!hooks.warn) return;
    hooks.warn(std::string(error.what()) + "; who resumes the search trains this part again");
  }
}

void SearchRun::save(TrialPopulation& population, const std::string& name) {
  if (population.is_empty() || population.is_saved()) return;
  save(name, [&](const std::filesystem::path& path) { population.save(path); });
}

std::unique_ptr<TrialPopulation> SearchRun::waiting_population(
    const std::string& name, const std::vector<int>& trials) const {
  auto population = waiting(name, [this](const std::filesystem::path& path) {
    return std::make_unique<TrialPopulation>(path, plan.base);
  });
  return population && population->began_with(trials) ? std::move(population) : nullptr;
}

void SearchRun::write_state() {
  results.seconds = seconds_before_ + seconds_here();
  directory.write(search_file_name, search_json(plan, results));
}

void SearchRun::write_results() {
  write_state();  // what the tables say follows from it
  directory.write(trials_file_name, trials_table(plan, results));
  if (plan.options.scheduler == Scheduler::pbt) {
    directory.write(generations_file_name, generations_table(plan, results));
  } else {
    directory.write(rungs_file_name, rungs_table(plan, results));
  }
  if (!results.generations.empty() || !best_trials(results.trials).empty()) {
    directory.remove_replaced();
  }
  if (!results.confirmations.empty()) {
    directory.write(confirmations_file_name, confirmations_table(plan, results));
  }
}

}  // namespace polyak
