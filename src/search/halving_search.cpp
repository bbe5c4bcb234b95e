#include "search/halving_search.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "search/population_groups.hpp"
#include "search/rungs.hpp"
#include "search/shape_groups.hpp"

namespace polyak {
namespace {

std::vector<Config> configs_of(const SearchPlan& plan, const std::vector<int>& trials) {
  std::vector<Config> configs;
  for (const int trial : trials) configs.push_back(plan.configs[static_cast<std::size_t>(trial)]);
  return configs;
}

}  // namespace

bool HalvingSearch::search() {
  const int all = static_cast<int>(run_.plan.settings.size());
  const bool cohorts = run_.plan.options.scheduler == Scheduler::asha;
  const int size = cohorts ? run_.plan.options.halving.cohort : all;
  int number = 0;
  for (int first = 0; first < all; first += size) {
    if (search_cohort(first, std::min(size, all - first), number++)) continue;
    save_populations();
    return false;
  }
  return true;
}

/// Beside the one that trains those that have come to the rung already are on the device.
void HalvingSearch::save_populations() {
  for (const auto& [name, population] : populations_) {
    if (population) run_.save(*population, name);
  }
}

bool HalvingSearch::search_cohort(int first, int count, int number) {
  const std::vector<Group> groups = groups_of(first, count, number);
  std::set<int> alive;
  for (int trial = first; trial < first + count; ++trial) {
    alive.insert(trial);
    run_.results.trials[static_cast<std::size_t>(trial)].status = TrialStatus::running;
  }
  run_.write_results();
  for (std::size_t rung = 0; rung < run_.plan.rungs.size(); ++rung) {
    set_stage(rung, alive.size(), first);
    for (const Group& group : groups) {
      if (!score_group(group, alive, rung)) return false;
      if (run_.checkpoint_is_due()) run_.checkpoint([this] { save_populations(); });
    }
    decide(first, rung, alive);
    run_.write_results();
  }
  populations_.clear();
  for (const Group& group : groups) run_.directory.remove_population(group.name);
  return true;
}

std::vector<HalvingSearch::Group> HalvingSearch::groups_of(int first, int count, int cohort) const {
  const auto configs =
      std::span(run_.plan.configs)
          .subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  std::vector<Group> groups;
  for (const std::vector<std::size_t>& members :
       population_groups(configs, trial_seeds(run_.plan))) {
    Group& group = groups.emplace_back();
    group.name = "cohort_" + std::to_string(cohort) + "_group_" + std::to_string(groups.size() - 1);
    for (const std::size_t index : members) group.trials.push_back(first + static_cast<int>(index));
  }
  return groups;
}

bool HalvingSearch::score_group(const Group& group, const std::set<int>& alive, std::size_t rung) {
  std::vector<int> trials;
  for (const int trial : group.trials) {
    if (alive.contains(trial)) trials.push_back(trial);
  }
  std::vector<Trial>& all = run_.results.trials;
  const bool is_known = std::all_of(trials.begin(), trials.end(), [&](int trial) {
    return all[static_cast<std::size_t>(trial)].rungs.size() > rung;
  });
  if (is_known) {
    for (const int trial : trials) {
      const Config& config = run_.plan.configs[static_cast<std::size_t>(trial)];
      run_.count_earlier(
          (whole_steps(config, run_.plan.rungs[rung]) - whole_steps(config, steps_before(rung))) *
          run_.plan.options.seeds);
    }
    return true;
  }
  TrialPopulation& population = population_of(group, trials, rung);
  population.keep({trials.begin(), trials.end()});
  const PopulationHooks hooks = run_.population_hooks(
      population, [this] { save_populations(); }, steps_before(rung));
  if (!population.train_until(run_.plan.rungs[rung], hooks)) return false;
  const auto scores = population.scores(run_.plan.starts, run_.hooks.stop);
  if (!scores) return false;
  for (const int trial : trials) {
    std::vector<RungResult>& rungs = all[static_cast<std::size_t>(trial)].rungs;
    rungs.resize(rung);
    const auto found = scores->find(trial);
    rungs.push_back({found == scores->end() ? TrialScore::failure() : found->second});
  }
  run_.write_results();
  return true;
}

/// Environment steps per agent where the way to a rung begins.
std::int64_t HalvingSearch::steps_before(std::size_t rung) const {
  return rung == 0 ? 0 : run_.plan.rungs[rung - 1];
}

/// On the device, on the disk or, otherwise, new: their bits are the same.
TrialPopulation& HalvingSearch::population_of(const Group& group, const std::vector<int>& trials,
                                              std::size_t rung) {
  std::unique_ptr<TrialPopulation>& population = populations_[group.name];
  if (population) return *population;
  const std::vector<Config> configs = configs_of(run_.plan, trials);
  const std::vector<std::uint64_t> seeds = trial_seeds(run_.plan);
  make_room(population_config(configs, seeds));
  population = waiting_population(group, trials, rung);
  if (!population) population = std::make_unique<TrialPopulation>(trials, configs, seeds);
  return *population;
}

/// The one on the disk; nothing if there is none, or if it is behind this rung, the score at which
/// was lost.
std::unique_ptr<TrialPopulation> HalvingSearch::waiting_population(const Group& group,
                                                                   const std::vector<int>& trials,
                                                                   std::size_t rung) const {
  auto population = run_.waiting_population(group.name, trials);
  if (!population) return nullptr;
  const Config& config = population->trainer().config();
  const std::int64_t made = population->trainer().environment_steps();
  if (made > whole_steps(config, run_.plan.rungs[rung])) return nullptr;
  const std::int64_t before = whole_steps(config, steps_before(rung));
  run_.count_earlier(std::max<std::int64_t>(0, made - before) * config.agents);
  return population;
}

/// Others make room for a population that does not fit beside them.
void HalvingSearch::make_room(const Config& config) {
  for (auto& [name, population] : populations_) {
    if (!population || fits(config)) continue;
    // It cannot wait without a file: RunError.
    population->save(run_.directory.population_path(name));
    population.reset();
  }
}

void HalvingSearch::decide(int first, std::size_t rung, std::set<int>& alive) {
  std::vector<Trial>& trials = run_.results.trials;
  std::vector<double> before, scores;
  for (int trial = 0; trial < first; ++trial) {
    const std::vector<RungResult>& rungs = trials[static_cast<std::size_t>(trial)].rungs;
    if (rungs.size() > rung) before.push_back(rungs[rung].score.mean);
  }
  for (const int trial : alive) {
    scores.push_back(trials[static_cast<std::size_t>(trial)].rungs[rung].score.mean);
  }
  const bool last = rung + 1 == run_.plan.rungs.size();
  const std::vector<bool> kept =
      survivors(before, scores, last ? 1.0 : run_.plan.options.halving.reduction);
  std::set<int> going_on;
  std::size_t place = 0;
  for (const int index : alive) {
    Trial& trial = trials[static_cast<std::size_t>(index)];
    const bool goes_on = kept[place++];
    trial.rungs[rung].kept = goes_on;
    if (goes_on) going_on.insert(index);
    if (trial.rungs[rung].score.is_failure()) {
      trial.status = TrialStatus::failed;
    } else if (last || !goes_on) {
      trial.status = last ? TrialStatus::finished : TrialStatus::stopped;
    }
  }
  alive = std::move(going_on);
}

/// What is left of this cohort and of those behind it, if as many go on as the reduction says.
void HalvingSearch::set_stage(std::size_t rung, std::size_t alive, int first_of_cohort) {
  const SearchPlan& plan = run_.plan;
  const auto steps_from = [&](std::size_t begin, double trials) {
    double steps = 0.0;
    for (std::size_t i = begin; i < plan.rungs.size(); ++i) {
      steps += trials * static_cast<double>(plan.rungs[i] - steps_before(i));
      trials /= plan.options.halving.reduction;
    }
    return steps * plan.options.seeds;
  };
  const int cohort = plan.options.scheduler == Scheduler::asha
                         ? plan.options.halving.cohort
                         : static_cast<int>(plan.settings.size());
  const int behind = std::max(0, static_cast<int>(plan.settings.size()) - first_of_cohort - cohort);
  const double confirmation = static_cast<double>(plan.base.total_steps) *
                              plan.options.confirmation.trials * plan.options.confirmation.seeds;
  run_.set_stage("rung " + std::to_string(rung + 1) + " of " + std::to_string(plan.rungs.size()),
                 static_cast<int>(alive),
                 static_cast<std::int64_t>(steps_from(rung, static_cast<double>(alive)) +
                                           steps_from(0, behind) + confirmation));
}

}  // namespace polyak
