#include "search/search.hpp"

#include "backend/backend.hpp"
#include "io/config_text.hpp"
#include "io/policy_format.hpp"
#include "io/run_files.hpp"
#include "polyak/core/error.hpp"
#include "search/confirmation.hpp"
#include "search/halving_search.hpp"
#include "search/population_groups.hpp"
#include "search/population_search.hpp"
#include "trainer/resumable_config.hpp"

namespace polyak {
namespace {

bool search_settings(SearchRun& run) {
  if (run.plan.options.scheduler == Scheduler::pbt) {
    const std::vector<Generation>& generations = run.results.generations;
    const bool is_done = !generations.empty() && generations.back().successors.empty();
    if (!is_done) return PopulationSearch(run).search();
    run.count_earlier(run.plan.base.total_steps * std::ssize(run.plan.settings));
    return true;
  }
  return HalvingSearch(run).search();
}

/// What the search was for.
void write_best(SearchRun& run, const Confirmed& confirmed) {
  const std::optional<Config> best = best_config(run.plan, run.results);
  if (!best) {
    run.directory.remove_populations();
    throw AllTrialsFailed(run.plan);
  }
  if (run.plan.options.scheduler == Scheduler::pbt) {
    const Schedule schedule = schedule_of(run.plan, run.results.generations);
    const int winner = *best_trial(run.results);
    run.directory.write(lineage_file_name, schedule_text(lineage_of(schedule, winner)));
  }
  run.directory.write(best_config_file_name, config_to_toml(*best));
  if (confirmed.policy) {
    run.directory.write(best_policy_file_name(0, 1), policy_format::serialise(*confirmed.policy));
  }
  run.directory.remove_populations();
}

}  // namespace

std::optional<Config> best_config(const SearchPlan& plan, const SearchResults& results) {
  const std::optional<int> best = best_trial(results);
  if (!best) return {};
  const Setting& setting = results.trials[static_cast<std::size_t>(*best)].setting;
  // Where it was searched has no part in it: whatever machine trains it takes its own devices.
  Config config = executed_as(trial_config(plan, setting), Config());
  config.seed = confirmation_seeds(plan).front();
  return config;
}

void require_room(const SearchPlan& plan) {
  if (plan.options.scheduler == Scheduler::pbt) {
    require_training_memory(first_config(schedule_of(plan, {}), plan.configs.front()));
    return;
  }
  require_room_for_each(plan.configs, trial_seeds(plan));
  if (plan.options.confirmation.trials > 0) {
    require_room_for_each(plan.configs, confirmation_seeds(plan));
  }
}

bool search(const SearchPlan& plan, SearchResults& results, const SearchDirectory& directory,
            const SearchHooks& hooks) {
  SearchRun run(plan, results, directory, hooks);
  run.write_results();
  const std::optional<Confirmed> confirmed =
      search_settings(run) ? confirm(run) : std::optional<Confirmed>();
  if (!confirmed) {
    run.write_state();
    return false;
  }
  write_best(run, *confirmed);
  return true;
}

}  // namespace polyak
