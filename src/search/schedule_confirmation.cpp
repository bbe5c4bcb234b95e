#include "search/schedule_confirmation.hpp"

#include <algorithm>
#include <limits>

#include "config/derived.hpp"
#include "search/population_groups.hpp"
#include "trainer/evaluation.hpp"
#include "trainer/population_evaluation.hpp"

namespace polyak {
namespace {

/// How one piece of the seeds ended.
enum class PieceEnd { finished, stopped, failed };

class ScheduleConfirmation {
 public:
  ScheduleConfirmation(SearchRun& run, const Schedule& lineage) : run_(run), lineage_(lineage) {}

  /// Of the seeds from the first-th on, so many.
  PieceEnd train(int first, int count) {
    const Schedule all = piece(first, count);
    run_.expect_steps_from(0);
    Trainer trainer(first_config(all, run_.plan.configs.front()));
    TrainerOptions options;
    options.change_steps = change_steps(all);
    options.on_change = [&](std::int64_t step) { apply(all, step, trainer); };
    options.report_interval = run_.hooks.progress_interval;
    options.on_progress = [&](const Report& report) { run_.report(report, all.agents()); };
    options.stop = run_.hooks.stop;
    const StopReason reason = trainer.run(options);
    if (reason == StopReason::interrupted) return PieceEnd::stopped;
    if (reason == StopReason::non_finite) return PieceEnd::failed;
    return evaluate(trainer, count) ? PieceEnd::finished : PieceEnd::stopped;
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
  std::vector<double> again_, others_, regrets_;  // [seed]
  double best_ = -std::numeric_limits<double>::infinity();
  std::optional<Policy> policy_;  // of the best seed so far
};

}  // namespace

std::optional<ConfirmedSchedule> confirm_schedule(SearchRun& run, int member,
                                                  const Schedule& lineage) {
  const int seeds = run.plan.options.confirmation.seeds;
  ScheduleConfirmation confirmation(run, lineage);
  const int most = confirmation.largest_piece();
  for (int first = 0; first < seeds; first += most) {
    const PieceEnd end = confirmation.train(first, std::min(most, seeds - first));
    if (end == PieceEnd::stopped) return {};
    if (end == PieceEnd::failed) {
      const TrialScore failure = TrialScore::failure();
      return ConfirmedSchedule{confirmation_of(member, failure, failure, {}), {}};
    }
  }
  return confirmation.result(member);
}

}  // namespace polyak
