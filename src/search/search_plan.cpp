#include "search/search_plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "config/checks.hpp"
#include "config/derived.hpp"
#include "config/fields.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"
#include "search/rungs.hpp"
#include "search/sampler.hpp"
#include "search/shape_groups.hpp"
#include "search/succession.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

constexpr std::uint64_t start_seed = 0, other_start_seed = 1;
constexpr std::int64_t confirmation_episodes = 100;
constexpr std::uint64_t confirmation_seed_distance = 1'000'000;

Starts drawn_starts(const Config& config, std::uint64_t seed, std::int64_t count) {
  return {find_environment(config.environment).state_size,
          draw_starts(config.environment, environment_parameter_values(config), seed, count),
          {}};
}

/// UsageError for a grid of which only the first corner would be tried, and for more trials than
/// there are settings. A population's members may have the same one: their seeds differ.
void check_trials(const SearchPlan& plan) {
  const SearchOptions& options = plan.options;
  const std::string trials = "--trials " + std::to_string(options.trials) + ": ";
  const std::int64_t size = grid_size(plan.space);
  const std::string settings = std::to_string(size) + " settings";
  if (options.sampler == Sampler::grid && size == largest_grid) {
    throw UsageError("--sampler grid: there are " + settings +
                     " or more, too many to try each; use --sampler sobol, or fewer points "
                     "({ log = [1e-4, 1e-2], grid = 2 })");
  }
  if (options.sampler == Sampler::grid && options.trials != size) {
    throw UsageError(trials + "the grid has " + settings +
                     "; leave --trials out for all of them, or use --sampler sobol for some");
  }
  const bool is_finite =
      std::none_of(plan.space.fields.begin(), plan.space.fields.end(),
                   [](const SpaceField& field) { return field.range.has_value(); });
  if (is_finite && options.scheduler != Scheduler::pbt && options.trials > size) {
    throw UsageError(trials + plan.space.file + " has only " + settings +
                     "; use --sampler grid, which tries each of them");
  }
  if (options.scheduler == Scheduler::pbt && options.trials < 2) {
    throw UsageError("--trials " + std::to_string(options.trials) +
                     ": a population has two members at least");
  }
}

/// UsageError for a selection that would never choose anybody.
void check_selections(const SearchPlan& plan) {
  for (const std::int64_t interval : plan.intervals) {
    if (interval < plan.base.total_steps) continue;
    throw UsageError("--pbt-intervals: " + std::to_string(interval) +
                     " steps never pass in a training of --total-steps " +
                     std::to_string(plan.base.total_steps));
  }
  const double quantile = plan.options.population.quantile;
  const auto share =
      static_cast<std::int64_t>(quantile * static_cast<double>(plan.options.trials) + 1e-9);
  if (plan.intervals.size() > 1 || quantile == 0.0 || share > 0) return;
  throw UsageError("--trials " + std::to_string(plan.options.trials) +
                   ": so few members have no worst " + number_text(100.0 * quantile) +
                   "%; use at least " +
                   std::to_string(static_cast<std::int64_t>(std::ceil(1.0 / quantile))) +
                   ", or a larger --pbt-quantile");
}

void check_population(const SearchPlan& plan) {
  check_selections(plan);
  const auto members = plan.options.trials;
  const auto parts = static_cast<std::int64_t>(plan.intervals.size());
  if (parts > 1 && (members % parts != 0 || members / parts < 4)) {
    throw UsageError("--pbt-intervals: " + std::to_string(parts) +
                     " parts of equal size, of at "
                     "least 4 members each, cannot be made of --trials " +
                     std::to_string(members));
  }
  std::vector<bool> varies;  // by itself, or by its condition
  for (const SpaceField& field : plan.space.fields) {
    varies.push_back(field.is_searched() ||
                     std::any_of(field.when.begin(), field.when.end(),
                                 [&](const SpaceCondition& one) { return varies[one.field]; }));
    if (!varies.back() || field.mixes) continue;
    throw UsageError(field.place + "--scheduler pbt cannot search '" + field.name +
                     "', in which the agents of a population cannot differ; fix it, or use "
                     "--scheduler halving");
  }
}

/// The first rung that is asked for; otherwise one at which every trial has learned a little.
std::int64_t first_rung(const SearchPlan& plan) {
  std::int64_t first = plan.options.halving.first_rung;
  if (first > 0) return first;
  for (const Config& config : plan.configs) first = std::max(first, default_first_rung(config));
  return first;
}

/// UsageError for options that leave no rung before the end. What follows from few steps alone is
/// no mistake: then all trials go on to the end.
std::vector<std::int64_t> rungs_of(const SearchPlan& plan) {
  const SearchOptions& options = plan.options;
  const std::int64_t total = plan.base.total_steps;
  if (options.scheduler != Scheduler::halving && options.scheduler != Scheduler::asha)
    return {total};
  const std::int64_t first = first_rung(plan);
  const double reduction = options.halving.reduction;
  std::vector<std::int64_t> rungs = rung_steps(total, reduction, first);
  if (rungs.size() > 1) return rungs;
  const std::string why = " leaves no rung before the end, at " + std::to_string(total) + " steps";
  if (options.halving.first_rung > 0) {
    throw UsageError("--first-rung " + std::to_string(first) + ":" + why + ": with --reduction " +
                     number_text(reduction) + " it is at most " +
                     std::to_string(std::llround(static_cast<double>(total) / reduction)) +
                     "; use fewer steps, or --scheduler none");
  }
  if (reduction != HalvingOptions().reduction) {
    throw UsageError("--reduction " + number_text(reduction) + ":" + why +
                     ", for the first one is after " + std::to_string(first) +
                     " steps at least; use a smaller one, or --scheduler none");
  }
  return rungs;
}

/// Those of members that have learned something: among others chance alone would select.
/// UsageError for intervals that leave none; of few steps alone it is no mistake.
std::vector<std::int64_t> selections_of(const SearchPlan& plan) {
  const std::int64_t total = plan.base.total_steps;
  std::int64_t first = 0;
  for (const Config& config : plan.configs) first = std::max(first, earliest_comparison(config));
  std::vector<std::int64_t> selections = selection_steps(plan.intervals, first, total);
  if (!selections.empty() || plan.options.population.intervals.empty()) return selections;
  throw UsageError("--pbt-intervals: no selection comes between step " + std::to_string(first) +
                   ", half as many again as --learning-starts, and the end, at " +
                   std::to_string(total) + " steps; use shorter intervals, or more steps");
}

/// UsageError for a first seed with fewer than so many larger ones.
void require_larger_seeds(std::uint64_t first, std::uint64_t others) {
  if (first <= std::numeric_limits<std::uint64_t>::max() - others) return;
  throw UsageError("--seed: " + std::to_string(first) + " leaves no larger seeds for the other " +
                   std::to_string(others) + " that are needed; use a smaller one");
}

/// UsageError for a seed behind which there are too few for the confirmation.
void check_seeds(const SearchOptions& options) {
  const auto seeds = static_cast<std::uint64_t>(options.confirmation.seeds);
  // A schedule is confirmed with one for each member that it is made of.
  const bool has_members = options.scheduler == Scheduler::pbt;
  const std::uint64_t agents = has_members ? static_cast<std::uint64_t>(options.trials) : 1;
  require_larger_seeds(options.seed, confirmation_seed_distance + seeds * agents);
}

/// UsageError for a field that changes nothing in any trial.
void check_effects(const SearchPlan& plan) {
  for (const SpaceField& field : plan.space.fields) {
    std::string why;
    for (std::size_t trial = 0; trial < plan.settings.size(); ++trial) {
      if (find_value(plan.settings[trial], field.name) == nullptr) continue;
      why = why_without_effect(plan.configs[trial], field.name);
      if (why.empty()) break;
    }
    if (!why.empty()) throw UsageError(field.place + "'" + field.name + "' " + why);
  }
}

}  // namespace

SearchPlan make_plan(Space space, std::string space_text, const Config& base,
                     const SearchOptions& options, Starts confirmation_starts) {
  SearchPlan plan{std::move(space),
                  std::move(space_text),
                  base,
                  options,
                  {},
                  {},
                  {},
                  {},
                  {},
                  {},
                  std::move(confirmation_starts)};
  const std::int64_t total = base.total_steps;
  check_trials(plan);
  check_seeds(options);
  if (options.scheduler == Scheduler::pbt) {
    plan.intervals = options.population.intervals;
    if (plan.intervals.empty()) plan.intervals = {std::max<std::int64_t>(1, total / 20)};
    check_population(plan);
  }
  for (std::int64_t trial = 0; trial < options.trials; ++trial) {
    plan.settings.push_back(setting_at(plan.space, options.sampler, options.seed, trial));
    plan.configs.push_back(trial_config(plan, plan.settings.back()));
  }
  check_effects(plan);
  plan.rungs = rungs_of(plan);
  if (options.scheduler == Scheduler::pbt) plan.selections = selections_of(plan);
  plan.starts = search_starts(base, options.evaluation_episodes);
  if (plan.confirmation_starts.count() == 0) {
    plan.confirmation_starts = drawn_starts(base, other_start_seed, confirmation_episodes);
  }
  return plan;
}

Config trial_config(const SearchPlan& plan, const Setting& setting) {
  return configured(plan.base, setting, plan.space.file, plan.options.given);
}

std::int64_t whole_steps(const Config& config, std::int64_t steps) {
  const std::int64_t iteration = derive(config).steps_per_iteration;
  return (steps + iteration - 1) / iteration * iteration;
}

Starts search_starts(const Config& config, std::int64_t episodes) {
  return drawn_starts(config, start_seed, episodes);
}

std::vector<std::uint64_t> seeds_from(std::uint64_t first, int count) {
  require_larger_seeds(first, static_cast<std::uint64_t>(count - 1));
  std::vector<std::uint64_t> seeds(static_cast<std::size_t>(count));
  std::iota(seeds.begin(), seeds.end(), first);
  return seeds;
}

std::vector<std::uint64_t> trial_seeds(const SearchPlan& plan) {
  return seeds_from(plan.options.seed, plan.options.seeds);
}

std::vector<std::uint64_t> confirmation_seeds(const SearchPlan& plan) {
  return seeds_from(plan.options.seed + confirmation_seed_distance,
                    plan.options.confirmation.seeds);
}

}  // namespace polyak
