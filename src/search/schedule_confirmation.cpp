#include "search/schedule_confirmation.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "config/derived.hpp"
#include "search/population_groups.hpp"
#include "trainer/checkpoint.hpp"
#include "trainer/evaluation.hpp"
#include "trainer/population_evaluation.hpp"
#include "trainer/resumable_config.hpp"
#include "trainer/trainer_access.hpp"

namespace polyak {
namespace {

/// How one piece of the seeds ended.
enum class PieceEnd { finished, stopped, failed };

class ScheduleConfirmation {
 public:
  /// name: of its checkpoints.
  ScheduleConfirmation(SearchRun& run, const Schedule& lineage, std::string name)
      : run_(run), lineage_(lineage), name_(std::move(name)) {}

  /// Of the seeds from the first-th on, so many. Others train later, unless it is the last piece.
  PieceEnd train(int first, int count, bool is_last) {
    const Schedule all = piece(first, count);
    const std::string name = name_ + "_" + std::to_string(first);
    const std::unique_ptr<Trainer> trainer = trainer_of(all, name);
    run_.expect_steps_from(trainer->environment_steps());
    run_.count_earlier(trainer->environment_steps() * all.agents());
    std::int64_t saved_steps = trainer->environment_steps();
    const auto save = [&] {
      if (saved_steps == trainer->environment_steps()) return;
      run_.save(name, [&](const std::filesystem::path& path) { trainer->save(path); });
      saved_steps = trainer->environment_steps();
    };
    TrainerOptions options;
    options.change_steps = change_steps(all);
    options.on_change = [&](std::int64_t step) { apply(all, step, *trainer); };
    options.report_interval = run_.hooks.progress_interval;
    options.on_progress = [&](const Report& report) { run_.report(report, all.agents()); };
    options.stop = run_.hooks.stop;
    const bool has_checkpoints = run_.hooks.checkpoint_interval > 0.0;
    if (has_checkpoints) {
      options.checkpoint_interval = run_.hooks.checkpoint_interval;
      options.checkpoint_age = run_.checkpoint_age();
      options.on_checkpoint = [&] {
        if (run_.checkpoint_is_due()) run_.checkpoint(save);
      };
    }
    const StopReason reason = trainer->run(options);
    if (reason == StopReason::non_finite) return PieceEnd::failed;
    const bool is_stopped = reason == StopReason::interrupted || !evaluate(*trainer, count);
    // Who resumes the search finds those before, too.
    if (is_stopped || (!is_last && has_checkpoints)) save();
    return is_stopped ? PieceEnd::stopped : PieceEnd::finished;
  }

  /// As many seeds as there is room for at once.
  int largest_piece() const {
    const int seeds = run_.plan.options.confirmation.seeds;
    const int room = std::clamp(largest_population / lineage_.agents(), 1, seeds);
    return static_cast<int>(
        largest_that_fits(static_cast<std::size_t>(room), [this](std::size_t count) {
          return first_config(piece(0, static_cast<int>(count)), run_.plan.configs.front());
        }));
  }

  ConfirmedSchedule result(int member) {
    return {confirmation_of(member, score_of(again_), score_of(others_), regrets_),
            std::move(policy_)};
  }

 private:
  Schedule piece(int first, int count) const {
    return repeated(lineage_, first, count, confirmation_seeds(run_.plan).front());
  }

  /// The one that waits on the disk; a new one if there is none, or if memory had room for another
  /// number of seeds.
  std::unique_ptr<Trainer> trainer_of(const Schedule& all, const std::string& name) const {
    auto waiting = run_.waiting(name, [this](const std::filesystem::path& path) {
      const Checkpoint checkpoint(path);
      return std::make_unique<Trainer>(
          TrainerAccess::resume(checkpoint, executed_as(checkpoint.config(), run_.plan.base)));
    });
    if (waiting && waiting->config().agents == all.agents()) return waiting;
    waiting.reset();
    return std::make_unique<Trainer>(first_config(all, run_.plan.configs.front()));
  }

  /// The winner of every group is its first agent. False if it was stopped.
  bool evaluate(Trainer& trainer, int groups) {
    PopulationEvaluator evaluator(trainer);
    for (const Starts* const starts : {&run_.plan.starts, &run_.plan.confirmation_starts}) {
      const bool is_again = starts == &run_.plan.starts;
      const auto returns = evaluator.returns(*starts, run_.hooks.stop);
      if (!returns) return false;
      const std::vector<AgentEvaluation> agents = evaluate_agents(*returns, *starts);
      for (int group = 0; group < groups; ++group) {
        const int winner = group * lineage_.agents();
        const AgentEvaluation& one = agents[static_cast<std::size_t>(winner)];
        (is_again ? again_ : others_).push_back(one.returns.mean);
        if (is_again) continue;
        if (one.regret) regrets_.push_back(one.regret->mean);
        if (policy_ && one.returns.mean <= best_) continue;
        best_ = one.returns.mean;
        policy_ = trainer.policy(winner);
      }
    }
    return true;
  }

  SearchRun& run_;
  const Schedule& lineage_;
  const std::string name_;
  std::vector<double> again_, others_, regrets_;  // [seed]
  double best_ = -std::numeric_limits<double>::infinity();
  std::optional<Policy> policy_;  // of the best seed so far
};

}  // namespace

std::optional<ConfirmedSchedule> confirm_schedule(SearchRun& run, int member,
                                                  const Schedule& lineage, bool is_last) {
  const int seeds = run.plan.options.confirmation.seeds;
  ScheduleConfirmation confirmation(run, lineage, "confirmation_" + std::to_string(member));
  const int most = confirmation.largest_piece();
  for (int first = 0; first < seeds; first += most) {
    const int count = std::min(most, seeds - first);
    const PieceEnd end = confirmation.train(first, count, is_last && first + count == seeds);
    if (end == PieceEnd::stopped) return {};
    if (end == PieceEnd::failed) {
      const TrialScore failure = TrialScore::failure();
      return ConfirmedSchedule{confirmation_of(member, failure, failure, {}), {}};
    }
  }
  return confirmation.result(member);
}

}  // namespace polyak
