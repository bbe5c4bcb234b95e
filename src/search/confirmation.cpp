#include "search/confirmation.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "polyak/core/error.hpp"
#include "search/population_search.hpp"
#include "search/search_tables.hpp"
#include "search/shape_groups.hpp"
#include "search/trial_population.hpp"
#include "trainer/evaluation.hpp"
#include "trainer/population_evaluation.hpp"

namespace polyak {
namespace {

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

/// A trial that has left its population has failed.
TrialScore score_in(const std::map<int, TrialScore>& scores, int trial) {
  const auto found = scores.find(trial);
  return found == scores.end() ? TrialScore::failure() : found->second;
}

/// The best agent so far of all that were confirmed.
class BestPolicy {
 public:
  void offer(double score, const TrialPopulation& population, int trial) {
    if (best_ && *best_ >= score) return;
    best_ = score;
    policy_ = population.best_policy(trial);
  }
  std::optional<Policy> take() { return std::move(policy_); }

 private:
  std::optional<double> best_;  // its trial's score
  std::optional<Policy> policy_;
};

/// The best trials, in populations of one shape.
std::optional<Confirmed> confirm_trials(SearchRun& run) {
  const SearchPlan& plan = run.plan;
  std::vector<int> chosen = best_trials(run.results.trials);
  chosen.resize(
      std::min(chosen.size(), static_cast<std::size_t>(plan.options.confirmation.trials)));
  std::vector<Config> configs;
  for (const int trial : chosen) configs.push_back(plan.configs[static_cast<std::size_t>(trial)]);
  std::map<int, Confirmation> found;
  BestPolicy best;
  int number = 0;
  for (const std::vector<std::size_t>& group : shape_groups(configs)) {
    std::vector<int> trials;
    std::vector<Config> own;
    for (const std::size_t index : group) {
      trials.push_back(chosen[index]);
      own.push_back(configs[index]);
    }
    const std::string name = "confirmation_" + std::to_string(number++);
    auto waiting = run.waiting(name, [&](const std::filesystem::path& path) {
      return std::make_unique<TrialPopulation>(path, plan.base);
    });
    if (!waiting)
      waiting = std::make_unique<TrialPopulation>(trials, own, confirmation_seeds(plan));
    TrialPopulation& population = *waiting;
    run.set_stage("confirming the best " + std::to_string(chosen.size()),
                  static_cast<int>(chosen.size()),
                  plan.base.total_steps * plan.options.confirmation.seeds *
                      static_cast<std::int64_t>(chosen.size() - found.size()));
    std::optional<std::map<int, TrialScore>> again, scores;
    if (population.train_until(plan.base.total_steps, run.population_hooks(population, name))) {
      again = population.scores(plan.starts, run.hooks.stop);
      if (again) scores = population.scores(plan.confirmation_starts, run.hooks.stop);
    }
    if (!scores) {
      run.save(population, name);
      return {};
    }
    for (const int trial : trials) {
      const TrialScore score = score_in(*scores, trial);
      const bool failed = score.is_failure();
      found.emplace(trial,
                    confirmation_of(trial, score_in(*again, trial), score,
                                    failed ? std::vector<double>() : population.regrets_of(trial)));
      if (!failed) best.offer(score.mean, population, trial);
    }
  }
  run.results.confirmations.clear();
  for (const int trial : chosen) run.results.confirmations.push_back(found.at(trial));
  return Confirmed{best.take()};
}

/// A population's best member: its schedule, from the beginning.
std::optional<Confirmed> confirm_schedule(SearchRun& run) {
  const SearchPlan& plan = run.plan;
  const std::vector<int> best = best_trials(run.results.trials);
  if (best.empty()) return Confirmed{};
  const int seeds = plan.options.confirmation.seeds;
  const Schedule lineage = lineage_of(schedule_of(plan, run.results.generations), best.front());
  const Schedule all = repeated(lineage, seeds, confirmation_seeds(plan).front());
  run.set_stage("confirming the best schedule", 1, plan.base.total_steps * all.agents());
  run.expect_steps_from(0);
  Trainer trainer(first_config(all, plan.base));
  TrainerOptions options;
  options.change_steps = change_steps(all);
  options.on_change = [&](std::int64_t step) { apply(all, step, trainer); };
  options.report_interval = run.hooks.progress_interval;
  options.on_progress = [&](const Report& report) { run.report(report, all.agents()); };
  options.stop = run.hooks.stop;
  const StopReason reason = trainer.run(options);
  if (reason == StopReason::interrupted) return {};
  if (reason == StopReason::non_finite) {
    const TrialScore failure = TrialScore::failure();
    run.results.confirmations = {confirmation_of(best.front(), failure, failure, {})};
    return Confirmed{};
  }
  // The winner of every group is its first agent.
  PopulationEvaluator evaluator(trainer);
  std::vector<std::vector<double>> means(2);
  std::vector<double> regrets;
  for (const Starts* const starts : {&plan.starts, &plan.confirmation_starts}) {
    const auto returns = evaluator.returns(*starts, run.hooks.stop);
    if (!returns) return {};
    const std::vector<AgentEvaluation> agents = evaluate_agents(*returns, *starts);
    std::vector<double>& own = means[starts == &plan.starts ? 0 : 1];
    for (int group = 0; group < seeds; ++group) {
      const AgentEvaluation& winner =
          agents[static_cast<std::size_t>(group) * static_cast<std::size_t>(lineage.agents())];
      own.push_back(winner.returns.mean);
      if (winner.regret) regrets.push_back(winner.regret->mean);
    }
  }
  run.results.confirmations = {
      confirmation_of(best.front(), score_of(means[0]), score_of(means[1]), regrets)};
  const auto agent = std::max_element(means[1].begin(), means[1].end()) - means[1].begin();
  return Confirmed{trainer.policy(static_cast<int>(agent) * lineage.agents())};
}

}  // namespace

std::optional<Confirmed> confirm(SearchRun& run) {
  if (run.plan.options.confirmation.trials == 0) return Confirmed{};
  auto confirmed =
      run.plan.options.scheduler == Scheduler::pbt ? confirm_schedule(run) : confirm_trials(run);
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
