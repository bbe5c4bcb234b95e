#include "app/train/training_run.hpp"

#include <unistd.h>

#include <iostream>

#include "app/output/format.hpp"
#include "app/output/message.hpp"
#include "app/process/terminal.hpp"
#include "app/train/progress_line.hpp"
#include "backend/backend.hpp"
#include "trainer/warning_signs.hpp"

namespace polyak {
namespace {

StopReason run_training(TrainingStart& training, const TrainOptions& options,
                        TrainingEvaluations& evaluations, CheckpointWriter& checkpoints,
                        const std::atomic<bool>& stop) {
  Trainer& trainer = training.trainer;
  RunDirectory& directory = *training.directory;
  const std::int64_t total = trainer.config().total_steps;
  ProgressLine progress(std::cerr, can_rewrite_lines(STDERR_FILENO), total,
                        [] { return terminal_width(STDERR_FILENO); });
  TrainerOptions trainer_options;
  trainer_options.report_interval = progress.interval();
  trainer_options.report_steps = training.report_steps;
  WarningSigns signs(trainer.config(), trainer.environment_steps());
  const auto warn = [&progress](const std::string& text) {
    progress.finish();
    std::cerr << "polyak: warning: " << printable(text) << std::endl;
  };
  bool lacks_rows = false;
  trainer_options.on_report = [&](const Report& report) {
    const std::string failure = directory.write_metrics(report);
    if (!failure.empty() && !lacks_rows) {
      warn(failure + "; training goes on, and tries again with every report");
    }
    lacks_rows = !failure.empty();
    for (const Warning& warning : signs.look_at(report)) warn(describe(warning));
  };
  if (options.makes_checkpoints()) {
    trainer_options.checkpoint_interval = options.checkpoint_interval;
    trainer_options.checkpoint_steps = options.checkpoint_every;
    trainer_options.on_checkpoint = [&] {
      if (const std::string failure = checkpoints.write(); !failure.empty()) warn(failure);
    };
  }
  if (!options.quiet) {
    trainer_options.on_progress = [&](const Report& report) { progress.show(report); };
  }
  const auto evaluated = [&](std::optional<StopReason> reason) {
    progress.set_evaluation(evaluations.result().history.newest());
    return reason;
  };
  trainer_options.change_steps = change_steps(training.schedule);
  trainer_options.on_change = [&](std::int64_t step) { apply(training.schedule, step, trainer); };
  const std::atomic<bool> at_once = true;
  const auto reason_before = evaluated(evaluations.before_the_training(warn));
  trainer_options.evaluation_steps = training.plan.every;
  trainer_options.on_evaluation = [&] { return evaluated(evaluations.on_the_way(warn)); };
  // A training that ends where it went on reports, all the same, what was not yet reported.
  trainer_options.stop = reason_before ? &at_once : &stop;
  const StopReason reason = trainer.run(trainer_options);
  progress.finish();
  return reason_before.value_or(reason);
}

}  // namespace

void print_beginning(std::ostream& out, const Trainer& trainer) {
  const Config& config = trainer.config();
  const std::int64_t bytes = total_bytes(memory_needs(config));
  out << "Training " << config.agents << (config.agents == 1 ? " agent on " : " agents on ")
      << config.environment << " for " << config.total_steps << " environment steps each, on "
      << trainer.device_description() << ", " << format_bytes(bytes) << '\n'
      << std::flush;
}

StopReason train_and_save(TrainingStart& training, const TrainOptions& options,
                          TrainingEvaluations& evaluations, CheckpointWriter& checkpoints,
                          const std::atomic<bool>& stop) {
  Trainer& trainer = training.trainer;
  RunDirectory& directory = *training.directory;
  const auto policy_of = [&](int agent) { return trainer.policy(agent); };
  StopReason reason = StopReason::finished;
  try {
    reason = run_training(training, options, evaluations, checkpoints, stop);
  } catch (const std::exception&) {
    try {
      directory.write_policies(policy_of);
      evaluations.write_best_policies();
    } catch (const std::exception&) {
      // The first failure is the one to report; this one is most likely its consequence.
    }
    throw;
  }
  directory.write_policies(policy_of);
  evaluations.write_best_policies();
  return reason;
}

}  // namespace polyak
