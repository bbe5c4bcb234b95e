#include "app/train/train_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/output/training_result.hpp"
#include "app/process/interrupt.hpp"
#include "app/train/final_evaluation.hpp"
#include "app/train/train_options.hpp"
#include "app/train/training_end.hpp"
#include "app/train/training_run.hpp"
#include "io/run_directory.hpp"

namespace polyak {
namespace {

int train(const TrainOptions& options) {
  const Config config = options.config.config();
  check_train_options(options, config);
  const Starts starts = evaluation_starts(options, config);
  std::ostream& text = options.json.text();

  const InterruptHandler interrupt;
  RunDirectory directory(claim_output(options, config), options.overwrite);
  Trainer trainer(config);
  trainer.require_evaluation_memory(static_cast<std::int64_t>(starts.count()));
  directory.begin(trainer.config());
  if (!options.quiet) print_beginning(text, trainer);
  StopReason reason = train_and_save(trainer, directory, options, interrupt.requested());

  std::vector<AgentEvaluation> evaluations;
  if (!directory.holds_older_training()) {
    directory.write_summary(training_summary(trainer, reason, {}));
    if (reason == StopReason::finished && starts.count() > 0) {
      // It may take long: the summary was written before it, and is again with it.
      if (auto result = evaluate_unless_stopped(trainer, starts, interrupt.requested())) {
        evaluations = *std::move(result);
      } else {
        reason = StopReason::interrupted;
      }
      directory.write_summary(training_summary(trainer, reason, evaluations));
    }
  }
  options.json.write(training_summary(trainer, reason, evaluations));
  return conclude(text, trainer, directory, reason, evaluations, interrupt);
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
      "Of a list that goes round the agents, agent i has value i modulo the list's length.");
  command->callback([options, &selection] {
    selection.action = [options] { return train(*options); };
    selection.prints_result = options->json.takes_output();
  });
}

}  // namespace polyak
