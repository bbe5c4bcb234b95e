#include "search/population_search.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "search/sampler.hpp"
#include "trainer/checkpoint.hpp"
#include "trainer/population_evaluation.hpp"
#include "trainer/resumable_config.hpp"
#include "trainer/trainer_access.hpp"

namespace polyak {
namespace {

const std::string population_name = "population";
constexpr std::string_view note_of_generations = "generations";

/// Which of a search's variations it is: none is made twice.
std::uint64_t variation_number(std::size_t generation, std::size_t member, std::size_t members) {
  return static_cast<std::uint64_t>(generation * members + member);
}

}  // namespace

bool PopulationSearch::search() {
  begin();
  // As many generations as have been selected are known.
  while (run_.results.generations.size() < run_.plan.selections.size()) {
    const std::int64_t step = run_.plan.selections[run_.results.generations.size()];
    if (!train_until(step)) return false;
    const auto found = scores();
    if (!found) return false;
    select(step, *found);
    if (run_.checkpoint_is_due()) run_.checkpoint([this] { save(); });
  }
  if (!train_until(run_.plan.base.total_steps)) return false;
  const auto found = scores();
  if (!found) return false;
  finish(*found);
  return true;
}

/// Where the checkpoint is, and with what had been found until then; otherwise from the beginning.
void PopulationSearch::begin() {
  trainer_ = waiting_population();
  if (!trainer_) {
    run_.results.generations.clear();
    const Schedule schedule = schedule_of(run_.plan, {});
    trainer_ = std::make_unique<Trainer>(first_config(schedule, run_.plan.configs.front()));
  }
  run_.count_earlier(trainer_->environment_steps() * std::ssize(run_.plan.settings));
  for (Trial& trial : run_.results.trials) trial.status = TrialStatus::running;
  run_.write_results();
}

std::unique_ptr<Trainer> PopulationSearch::waiting_population() {
  return run_.waiting(population_name, [this](const std::filesystem::path& path) {
    const Checkpoint checkpoint(path);
    // Those behind it are found again.
    std::vector<Generation>& generations = run_.results.generations;
    const auto count = parse_number<std::size_t>(checkpoint.note(note_of_generations));
    if (!count || *count > generations.size()) {
      throw UsageError(path.string() + ": is not of this search");
    }
    auto trainer = std::make_unique<Trainer>(
        TrainerAccess::resume(checkpoint, executed_as(checkpoint.config(), run_.plan.base)));
    generations.resize(*count);
    return trainer;
  });
}

bool PopulationSearch::train_until(std::int64_t steps) {
  const auto members = static_cast<std::int64_t>(run_.plan.settings.size());
  const std::int64_t left = run_.plan.base.total_steps - trainer_->environment_steps();
  run_.set_stage(
      "step " + std::to_string(steps) + " of " + std::to_string(run_.plan.base.total_steps),
      static_cast<int>(members), left * members + confirmation_steps());
  TrainerOptions options;
  options.until_steps = steps;
  options.tolerates_divergence = true;
  options.stop = run_.hooks.stop;
  options.report_interval = run_.hooks.progress_interval;
  options.on_progress = [this](const Report& report) {
    run_.report(report, static_cast<int>(report.agents.size()));
  };
  run_.expect_steps_from(trainer_->environment_steps());
  if (run_.hooks.checkpoint_interval > 0.0) {
    options.checkpoint_interval = run_.hooks.checkpoint_interval;
    options.checkpoint_age = run_.checkpoint_age();
    options.on_checkpoint = [this, steps] {
      if (trainer_->environment_steps() < steps) run_.checkpoint([this] { save(); });
    };
  }
  if (trainer_->run(options) == StopReason::finished) return true;
  save();
  return false;
}

/// Environment steps of all agents that confirm the schedules which are the best now. Each has the
/// agents whose networks it took over.
std::int64_t PopulationSearch::confirmation_steps() const {
  const SearchPlan& plan = run_.plan;
  const std::vector<Generation>& generations = run_.results.generations;
  const auto count =
      std::min(static_cast<std::size_t>(plan.options.confirmation.trials), plan.settings.size());
  auto agents = static_cast<std::int64_t>(count);
  if (!generations.empty()) {
    const std::vector<double>& scores = generations.back().scores;
    std::vector<int> ranking(scores.size());
    std::iota(ranking.begin(), ranking.end(), 0);
    const auto score = [&](int member) { return scores[static_cast<std::size_t>(member)]; };
    std::sort(ranking.begin(), ranking.end(),
              [&](int one, int other) { return score(one) > score(other); });
    const Schedule schedule = schedule_of(plan, generations);
    agents = 0;
    for (std::size_t i = 0; i < count; ++i) agents += lineage_of(schedule, ranking[i]).agents();
  }
  return plan.base.total_steps * plan.options.confirmation.seeds * agents;
}

/// The members' mean noise-free returns; minus infinity for those that have failed.
std::optional<std::vector<double>> PopulationSearch::scores() {
  PopulationEvaluator evaluator(*trainer_, NonFiniteReturns::kept);
  const Starts& starts = run_.plan.starts;
  const auto returns = evaluator.returns(starts, run_.hooks.stop);
  if (!returns) {
    save();
    return {};
  }
  std::vector<double> scores = mean_returns(*returns, starts);
  for (double& score : scores) score = score_of({score}).mean;
  for (const Divergence& divergence : trainer_->divergences()) {
    scores[static_cast<std::size_t>(divergence.agent)] = TrialScore::failure().mean;
  }
  return scores;
}

void PopulationSearch::select(std::int64_t step, const std::vector<double>& scores) {
  const SearchPlan& plan = run_.plan;
  std::vector<Generation>& generations = run_.results.generations;
  if (std::all_of(scores.begin(), scores.end(), [](double score) { return std::isinf(score); })) {
    for (Trial& trial : run_.results.trials) trial.status = TrialStatus::failed;
    run_.write_results();
    run_.directory.remove_populations();
    throw AllTrialsFailed(plan);
  }
  Generation next{
      step,
      scores,
      successors(scores, plan.options.population, plan.intervals, step, plan.options.seed),
      {}};
  const std::vector<Setting> before =
      generations.empty() ? plan.settings : generations.back().settings;
  for (std::size_t member = 0; member < scores.size(); ++member) {
    const Successor& successor = next.successors[member];
    const Setting& setting = before[static_cast<std::size_t>(successor.settings_from)];
    next.settings.push_back(
        successor.perturbed
            ? variation_of(setting, variation_number(generations.size(), member, scores.size()))
            : setting);
  }
  generations.push_back(std::move(next));
  apply(schedule_of(plan, std::span(generations).last(1)), step, *trainer_);
  saved_steps_ = -1;
  run_.write_results();
}

/// What is tried next to a setting; the setting itself if that would not be possible, as where two
/// options limit each other.
Setting PopulationSearch::variation_of(const Setting& setting, std::uint64_t number) const {
  const SearchPlan& plan = run_.plan;
  Setting variation = perturbed(plan.space, setting, plan.options.seed, number);
  try {
    trial_config(plan, variation);
    return variation;
  } catch (const UsageError&) {
    return setting;
  }
}

void PopulationSearch::finish(const std::vector<double>& scores) {
  std::vector<Generation>& generations = run_.results.generations;
  const std::vector<Setting> settings =
      generations.empty() ? run_.plan.settings : generations.back().settings;
  generations.push_back({run_.plan.base.total_steps, scores, {}, settings});
  set_members(run_.results);
  run_.write_results();
}

void PopulationSearch::save() {
  if (saved_steps_ == trainer_->environment_steps()) return;
  const CheckpointNotes notes{
      {{std::string(note_of_generations), std::to_string(run_.results.generations.size())}}, {}};
  run_.save(population_name, [&](const std::filesystem::path& path) {
    write_file_atomically(path, [&](const FileDescriptor& file) {
      TrainerAccess::save(*trainer_, file, path, notes);
    });
    saved_steps_ = trainer_->environment_steps();
  });
}

}  // namespace polyak
