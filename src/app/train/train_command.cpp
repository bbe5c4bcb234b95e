#include "app/train/train_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/output/training_result.hpp"
#include "app/process/interrupt.hpp"
#include "app/train/checkpoint_writer.hpp"
#include "app/train/train_options.hpp"
#include "app/train/training_end.hpp"
#include "app/train/training_evaluations.hpp"
#include "app/train/training_run.hpp"
#include "app/train/training_start.hpp"

namespace polyak {
namespace {

int train(const TrainOptions& options) {
  std::ostream& text = options.json.text();
  const InterruptHandler interrupt;
  TrainingStart training = start_training(options, text);
  Trainer& trainer = training.trainer;
  RunDirectory& directory = *training.directory;
  TrainingEvaluations evaluations(trainer, directory, training.plan, training.evaluated,
                                  options.makes_checkpoints(), interrupt.requested());
  CheckpointWriter checkpoints(training, evaluations, options);
  StopReason reason =
      train_and_save(training, options, evaluations, checkpoints, interrupt.requested());

  const bool is_whole = reason != StopReason::interrupted && reason != StopReason::non_finite;
  if (!directory.holds_older_training()) {
    directory.write_summary(training_summary(trainer, reason, evaluations.result()));
    if (is_whole && training.plan.at_the_end.count() > 0) {
      // It may take long: the summary was written before it, and is again with it.
      if (!evaluations.at_the_end()) reason = StopReason::interrupted;
      directory.write_summary(training_summary(trainer, reason, evaluations.result()));
    }
  }
  options.json.write(training_summary(trainer, reason, evaluations.result()));
  const int exit_code = conclude(text, trainer, directory, reason, evaluations.result(),
                                 training.plan.rules, interrupt);
  checkpoints.print(text, reason == StopReason::finished);
  return exit_code;
}

}  // namespace

void add_train_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command = app.add_subcommand("train", "train agents and write their policies");
  const auto options = std::make_shared<TrainOptions>(*command);
  command->footer(
      "Examples:\n"
      "  polyak train                                       Pendulum-v1 in seconds\n"
      "  polyak train --agents 16 --discount 0.98,0.99      two settings, 8 seeds of each\n"
      "  polyak train --config runs/NAME/config.toml        the same training again\n"
      "  polyak train --resume runs/NAME                    goes on where it was killed\n"
      "Of a list that goes round the agents, agent i has value i modulo the list's length.");
  command->callback([options, &selection] {
    selection.action = [options] { return train(*options); };
    selection.prints_result = options->json.takes_output();
  });
}

}  // namespace polyak
