#include "search/confirmation.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "search/population_groups.hpp"
#include "search/population_search.hpp"
#include "search/schedule_confirmation.hpp"
#include "search/search_tables.hpp"
#include "search/trial_population.hpp"

namespace polyak {
namespace {

/// A trial that has left its population has failed.
TrialScore score_in(const std::map<int, TrialScore>& scores, int trial) {
  const auto found = scores.find(trial);
  return found == scores.end() ? TrialScore::failure() : found->second;
}

/// The best agent so far of all that were confirmed.
class BestPolicy {
 public:
  /// score: its trial's; a trial without a policy has failed.
  template <class PolicyOf>
  void offer(double score, const PolicyOf& policy) {
    if (best_ && *best_ >= score) return;
    best_ = score;
    policy_ = policy();
  }
  std::optional<Policy> take() { return std::move(policy_); }

 private:
  std::optional<double> best_;
  std::optional<Policy> policy_;
};

/// The best trials that differ: of a few choices several trials may have the same.
std::vector<int> trials_to_confirm(const SearchRun& run) {
  const auto config_of = [&](int trial) -> const Config& {
    return run.plan.configs[static_cast<std::size_t>(trial)];
  };
  const auto most = static_cast<std::size_t>(run.plan.options.confirmation.trials);
  std::vector<int> chosen;
  for (const int trial : best_trials(run.results.trials)) {
    const bool is_there = std::any_of(chosen.begin(), chosen.end(), [&](int other) {
      return config_of(other) == config_of(trial);
    });
    if (!is_there && chosen.size() < most) chosen.push_back(trial);
  }
  return chosen;
}

/// The best trials, in populations of one shape.
std::optional<Confirmed> confirm_trials(SearchRun& run) {
  const SearchPlan& plan = run.plan;
  const std::vector<int> chosen = trials_to_confirm(run);
  std::vector<Config> configs;
  for (const int trial : chosen) configs.push_back(plan.configs[static_cast<std::size_t>(trial)]);
  std::map<int, Confirmation> found;
  BestPolicy best;
  const auto groups = population_groups(configs, confirmation_seeds(plan));
  int number = 0;
  for (const std::vector<std::size_t>& group : groups) {
    std::vector<int> trials;
    std::vector<Config> own;
    for (const std::size_t index : group) {
      trials.push_back(chosen[index]);
      own.push_back(configs[index]);
    }
    const std::string name = "confirmation_" + std::to_string(number++);
    auto waiting = run.waiting_population(name, trials);
    if (!waiting)
      waiting = std::make_unique<TrialPopulation>(trials, own, confirmation_seeds(plan));
    TrialPopulation& population = *waiting;
    run.set_stage("confirming the best " + std::to_string(chosen.size()),
                  static_cast<int>(chosen.size()),
                  plan.base.total_steps * plan.options.confirmation.seeds *
                      static_cast<std::int64_t>(chosen.size() - found.size()));
    if (!population.is_empty()) {
      const Trainer& trainer = population.trainer();
      run.count_earlier(trainer.environment_steps() * trainer.config().agents);
    }
    std::optional<std::map<int, TrialScore>> again, scores;
    const auto save = [&] { run.save(population, name); };
    if (population.train_until(plan.base.total_steps, run.population_hooks(population, save))) {
      again = population.scores(plan.starts, run.hooks.stop);
      if (again) scores = population.scores(plan.confirmation_starts, run.hooks.stop);
    }
    // Who resumes the search finds those before, too.
    if (!scores || (&group != &groups.back() && run.hooks.checkpoint_interval > 0.0)) save();
    if (!scores) return {};
    for (const int trial : trials) {
      const TrialScore score = score_in(*scores, trial);
      const bool failed = score.is_failure();
      found.emplace(trial,
                    confirmation_of(trial, score_in(*again, trial), score,
                                    failed ? std::vector<double>() : population.regrets_of(trial)));
      if (!failed) best.offer(score.mean, [&] { return population.best_policy(trial); });
    }
  }
  run.results.confirmations.clear();
  for (const int trial : chosen) run.results.confirmations.push_back(found.at(trial));
  return Confirmed{best.take()};
}

/// A population's best members: their schedules.
std::optional<Confirmed> confirm_schedules(SearchRun& run) {
  const SearchPlan& plan = run.plan;
  std::vector<int> chosen = best_trials(run.results.trials);
  chosen.resize(
      std::min(chosen.size(), static_cast<std::size_t>(plan.options.confirmation.trials)));
  const Schedule all = schedule_of(plan, run.results.generations);
  std::vector<Schedule> lineages;
  std::int64_t left = 0;
  for (const int member : chosen) {
    lineages.push_back(lineage_of(all, member));
    left += plan.base.total_steps * plan.options.confirmation.seeds * lineages.back().agents();
  }
  run.set_stage("confirming the best " + std::to_string(chosen.size()),
                static_cast<int>(chosen.size()), left);
  std::vector<Confirmation> found;
  BestPolicy best;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    std::optional<ConfirmedSchedule> one =
        confirm_schedule(run, chosen[i], lineages[i], i + 1 == chosen.size());
    if (!one) return {};
    found.push_back(one->confirmation);
    if (one->policy) {
      best.offer(one->confirmation.score.mean, [&] { return std::move(*one->policy); });
    }
  }
  run.results.confirmations = std::move(found);
  return Confirmed{best.take()};
}

}  // namespace

std::optional<Confirmed> confirm(SearchRun& run) {
  if (run.plan.options.confirmation.trials == 0) return Confirmed{};
  auto confirmed =
      run.plan.options.scheduler == Scheduler::pbt ? confirm_schedules(run) : confirm_trials(run);
  if (confirmed) run.write_results();
  return confirmed;
}

std::optional<int> best_trial(const SearchResults& results) {
  const std::vector<Confirmation> ranked = ranked_confirmations(results);
  if (!ranked.empty() && !ranked.front().score.is_failure()) return ranked.front().trial;
  const std::vector<int> best = best_trials(results.trials);
  if (best.empty()) return {};
  return best.front();
}

}  // namespace polyak
