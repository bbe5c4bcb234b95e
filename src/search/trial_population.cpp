#include "search/trial_population.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "config/derived.hpp"
#include "config/fields.hpp"
#include "io/atomic_file.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "search/shape_groups.hpp"
#include "trainer/checkpoint.hpp"
#include "trainer/population_change.hpp"
#include "trainer/population_evaluation.hpp"
#include "trainer/resumable_config.hpp"
#include "trainer/trainer_access.hpp"

namespace polyak {
namespace {

constexpr std::string_view note_of_trials = "trials", note_of_first_trials = "first_trials";

std::vector<int> trials_in(const Checkpoint& checkpoint, std::string_view note) {
  std::vector<int> trials;
  for (const std::string& text : split_text(checkpoint.note(note), ',')) {
    trials.push_back(parse_number<int>(text).value_or(-1));
  }
  if (std::find(trials.begin(), trials.end(), -1) != trials.end()) {
    throw UsageError(checkpoint.path().string() + ": is no checkpoint of a search");
  }
  return trials;
}

template <class Trials>
std::string trials_text(const Trials& trials) {
  std::vector<std::string> texts;
  for (const int trial : trials) texts.push_back(std::to_string(trial));
  return join_text(texts, ",");
}

}  // namespace

TrialPopulation::TrialPopulation(const std::vector<int>& trials, std::span<const Config> configs,
                                 std::span<const std::uint64_t> seeds)
    : first_trials_(trials.begin(), trials.end()),
      trainer_(std::make_unique<Trainer>(population_config(configs, seeds))) {
  for (const int trial : trials) agents_.insert(agents_.end(), seeds.size(), trial);
}

TrialPopulation::TrialPopulation(const std::filesystem::path& path, const Config& execution) {
  const Checkpoint checkpoint(path);
  agents_ = trials_in(checkpoint, note_of_trials);
  if (std::ssize(agents_) != checkpoint.config().agents) {
    throw UsageError(path.string() + ": is no checkpoint of a search");
  }
  const std::vector<int> first = trials_in(checkpoint, note_of_first_trials);
  first_trials_.insert(first.begin(), first.end());
  trainer_ = std::make_unique<Trainer>(
      TrainerAccess::resume(checkpoint, executed_as(checkpoint.config(), execution)));
  saved_steps_ = trainer_->environment_steps();
}

bool TrialPopulation::began_with(const std::vector<int>& trials) const {
  return std::all_of(trials.begin(), trials.end(),
                     [this](int trial) { return first_trials_.contains(trial); });
}

void TrialPopulation::save(const std::filesystem::path& path) {
  const CheckpointNotes notes{{{std::string(note_of_trials), trials_text(agents_)},
                               {std::string(note_of_first_trials), trials_text(first_trials_)}},
                              {}};
  write_file_atomically(
      path, [&](const FileDescriptor& file) { TrainerAccess::save(*trainer_, file, path, notes); });
  saved_steps_ = trainer_->environment_steps();
}

std::set<int> TrialPopulation::trials() const { return {agents_.begin(), agents_.end()}; }

bool TrialPopulation::train_until(std::int64_t steps, const PopulationHooks& hooks) {
  TrainerOptions options;
  options.until_steps = steps;
  options.report_interval = hooks.progress_interval;
  options.on_progress = hooks.on_progress;
  options.checkpoint_interval = hooks.checkpoint_interval;
  options.checkpoint_age = hooks.checkpoint_age;
  // Whoever asked for these steps knows what comes behind them.
  if (hooks.on_checkpoint) {
    options.on_checkpoint = [&] {
      if (trainer_->environment_steps() < steps) hooks.on_checkpoint();
    };
  }
  options.stop = hooks.stop;
  while (!is_empty()) {
    const StopReason reason = trainer_->run(options);
    if (reason != StopReason::non_finite) return reason == StopReason::finished;
    leave_out_diverged();
  }
  return true;
}

/// Whole trials: a setting that fails with one seed is not to be trusted with the others.
void TrialPopulation::leave_out_diverged() {
  std::set<int> going_on = trials();
  for (const Divergence& divergence : trainer_->divergences()) {
    going_on.erase(agents_[static_cast<std::size_t>(divergence.agent)]);
  }
  keep(going_on);
}

void TrialPopulation::keep(const std::set<int>& trials) {
  std::vector<int> kept;
  for (std::size_t agent = 0; agent < agents_.size(); ++agent) {
    if (trials.contains(agents_[agent])) kept.push_back(static_cast<int>(agent));
  }
  if (kept.size() < agents_.size()) keep_agents(std::move(kept));
}

void TrialPopulation::keep_agents(std::vector<int> kept) {
  mean_returns_.clear();
  mean_regrets_.clear();
  saved_steps_ = -1;
  if (kept.empty()) {
    agents_.clear();
    return;
  }
  std::vector<int> order;
  const std::vector<AgentCopy> copies = copies_to_the_front(kept, order);
  trainer_->change_population(copies, with_agents(trainer_->config(), order));
  std::vector<int> agents;
  for (const int agent : order) agents.push_back(agents_[static_cast<std::size_t>(agent)]);
  agents_ = std::move(agents);
}

std::optional<std::map<int, TrialScore>> TrialPopulation::scores(const Starts& starts,
                                                                 const std::atomic<bool>* stop) {
  std::map<int, TrialScore> scores;
  if (is_empty()) return scores;
  PopulationEvaluator evaluator(*trainer_, NonFiniteReturns::kept);
  const auto returns = evaluator.returns(starts, stop);
  if (!returns) return {};
  mean_returns_ = mean_returns(*returns, starts);
  mean_regrets_.clear();
  std::map<int, std::vector<double>> by_trial;
  for (std::size_t agent = 0; agent < agents_.size(); ++agent) {
    if (!starts.best_returns.empty()) {
      const auto own = std::span(*returns).subspan(agent * starts.count(), starts.count());
      mean_regrets_.push_back(estimate(regrets(own, starts.best_returns)).mean);
    }
    by_trial[agents_[agent]].push_back(mean_returns_[agent]);
  }
  for (const auto& [trial, seeds] : by_trial) scores.emplace(trial, score_of(seeds));
  return scores;
}

Policy TrialPopulation::best_policy(int trial) const {
  std::optional<std::size_t> best;
  for (std::size_t agent = 0; agent < agents_.size(); ++agent) {
    if (agents_[agent] != trial) continue;
    if (!best || mean_returns_[agent] > mean_returns_[*best]) best = agent;
  }
  return trainer_->policy(static_cast<int>(best.value()));
}

std::vector<double> TrialPopulation::regrets_of(int trial) const {
  std::vector<double> regrets;
  for (std::size_t agent = 0; agent < mean_regrets_.size(); ++agent) {
    if (agents_[agent] == trial) regrets.push_back(mean_regrets_[agent]);
  }
  return regrets;
}

}  // namespace polyak
