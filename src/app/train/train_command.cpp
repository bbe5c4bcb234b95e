#include "app/train/train_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/options/config_options.hpp"
#include "app/options/named_files.hpp"
#include "app/options/number_option.hpp"
#include "app/options/options_without_effect.hpp"
#include "app/output/format.hpp"
#include "app/output/json_output.hpp"
#include "app/output/message.hpp"
#include "app/output/training_result.hpp"
#include "app/process/interrupt.hpp"
#include "app/process/terminal.hpp"
#include "app/train/final_evaluation.hpp"
#include "app/train/progress_line.hpp"
#include "backend/backend.hpp"
#include "config/derived.hpp"
#include "config/fields.hpp"
#include "io/run_directory.hpp"
#include "io/run_files.hpp"
#include "io/starts_file.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"
#include "trainer/divergence.hpp"
#include "trainer/warning_signs.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

struct TrainOptions {
  explicit TrainOptions(CLI::App& subcommand)
      : command(subcommand), config(subcommand), json(subcommand, "what summary.json has") {}

  const CLI::App& command;
  ConfigOptions config;
  JsonOutput json;
  std::string output;
  bool overwrite = false;
  bool quiet = false;
  std::int64_t report_steps = 0;
  std::int64_t evaluation_episodes = 100;
  std::string starts;
};

/// runs/<environment>-<date>-<time>; gets a number if several begin within a second.
fs::path default_output(const std::string& environment) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char time[32];
  std::strftime(time, sizeof time, "%Y%m%d-%H%M%S", &local);
  return "runs/" + environment + "-" + time;
}

DirectoryClaim claim_output(const TrainOptions& options, const Config& config) {
  if (!options.output.empty()) return DirectoryClaim::named(options.output);
  return DirectoryClaim::numbered(default_output(config.environment));
}

Starts evaluation_starts(const TrainOptions& options, const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  if (!options.starts.empty()) return read_starts(options.starts, environment);
  return {environment.state_size,
          draw_starts(config.environment, environment_parameter_values(config), 0,
                      options.evaluation_episodes),
          {}};
}

void print_beginning(std::ostream& out, const Trainer& trainer) {
  const Config& config = trainer.config();
  const std::int64_t bytes = total_bytes(memory_needs(config));
  out << "Training " << config.agents << (config.agents == 1 ? " agent on " : " agents on ")
      << config.environment << " for " << config.total_steps << " environment steps each, on "
      << trainer.device_description() << ", " << format_bytes(bytes) << '\n'
      << std::flush;
}

StopReason run_training(Trainer& trainer, RunDirectory& directory, const TrainOptions& options,
                        const std::atomic<bool>& stop) {
  const std::int64_t total = trainer.config().total_steps;
  ProgressLine progress(std::cerr, can_rewrite_lines(STDERR_FILENO), total,
                        [] { return terminal_width(STDERR_FILENO); });
  TrainerOptions trainer_options;
  trainer_options.report_interval = progress.interval();
  trainer_options.report_steps =
      options.report_steps > 0 ? options.report_steps : std::max<std::int64_t>(1, total / 100);
  WarningSigns signs(trainer.config());
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
  if (!options.quiet) {
    trainer_options.on_progress = [&](const Report& report) { progress.show(report); };
  }
  trainer_options.stop = &stop;
  const StopReason reason = trainer.run(trainer_options);
  progress.finish();
  return reason;
}

/// Writes the policies, unless untrained ones would take the place of an older training's.
void write_policies(const Trainer& trainer, RunDirectory& directory) {
  const auto policy_of = [&](int agent) { return trainer.policy(agent); };
  if (directory.holds_older_training() && policy_of(0).training.at("updates") == "0") return;
  directory.write_policies(policy_of);
}

std::string policies_in_words(const RunDirectory& directory, int agents) {
  if (agents == 1) return directory.policy_path(0).string();
  return directory.policy_path(0).string() + " to " +
         directory.policy_path(agents - 1).filename().string();
}

/// Trains, and keeps the newest good policies whatever goes wrong.
StopReason train_and_save(Trainer& trainer, RunDirectory& directory, const TrainOptions& options,
                          const std::atomic<bool>& stop) {
  StopReason reason = StopReason::finished;
  try {
    reason = run_training(trainer, directory, options, stop);
  } catch (const std::exception&) {
    try {
      write_policies(trainer, directory);
    } catch (const std::exception&) {
      // The first failure is the one to report; this one is most likely its consequence.
    }
    throw;
  }
  if (reason == StopReason::finished) {
    directory.write_policies([&](int agent) { return trainer.policy(agent); });
  } else {
    write_policies(trainer, directory);
  }
  return reason;
}

/// Where the policies of a training that ended early are, in words.
std::string what_is_left(const RunDirectory& directory, int agents) {
  if (directory.holds_older_training()) {
    return "no update was made, the older training in " + directory.path().string() +
           " is as it was";
  }
  return "the last good policy is in " + policies_in_words(directory, agents);
}

void print_end(std::ostream& out, const Trainer& trainer, const RunDirectory& directory) {
  out << "Wrote " << printable(policies_in_words(directory, trainer.config().agents))
      << ", config.toml, " << directory.metrics_path().filename().string() << " and "
      << directory.summary_path().filename().string() << '\n';
}

/// What is said and returned after a training, its files written.
int conclude(std::ostream& text, const Trainer& trainer, const RunDirectory& directory,
             StopReason reason, std::span<const AgentEvaluation> evaluations,
             const InterruptHandler& interrupt) {
  const int agents = trainer.config().agents;
  if (reason == StopReason::non_finite) {
    throw RunError(describe(*trainer.divergence(), trainer.config()) + "; training stopped, " +
                   what_is_left(directory, agents));
  }
  text << (reason == StopReason::finished ? "Trained " : "Interrupted after ")
       << trainer.environment_steps() << " environment steps and " << trainer.updates()
       << " updates per agent in " << format_fixed(trainer.training_seconds(), 2) << " s\n";
  if (!evaluations.empty()) {
    text << "Evaluation without noise, " << evaluations.front().returns.episodes
         << " episodes per agent:\n";
    print_population(text, evaluations, varied_fields(trainer.config()));
  }
  if (directory.holds_older_training()) {
    text << "Wrote nothing: " << printable(what_is_left(directory, agents)) << '\n';
  } else {
    print_end(text, trainer, directory);
  }
  return reason == StopReason::interrupted ? interrupt.exit_code() : exit_success;
}

/// The report would take the place of what the training writes there itself.
void refuse_report_among_run_files(const JsonOutput& json, const fs::path& directory) {
  std::error_code error;
  const fs::path run = fs::weakly_canonical(fs::absolute(directory, error), error);
  for (const NamedFile& file : json.files()) {
    const fs::path report = fs::weakly_canonical(fs::absolute(file.path, error), error);
    if (report == run ||
        (report.parent_path() == run && is_run_file_name(report.filename().string()))) {
      throw UsageError(file.option + " " + file.path.string() +
                       ": is a name of the training's own in --output; choose another one");
    }
  }
}

/// Refuses what would be without effect or would replace an input.
void check_options(const TrainOptions& options, const Config& config) {
  refuse_options_without_effect(options.command, config);
  require_fields_on(resolve_device(config.device).kind, config);
  if (given_files(options.command, {"--output"}).empty() && options.overwrite) {
    throw UsageError("--overwrite: has no effect without --output, the directory to overwrite");
  }
  check_outputs(options.json.files(), given_files(options.command, {"--config", "--starts"}));
  if (!options.output.empty()) refuse_report_among_run_files(options.json, options.output);
}

int train(const TrainOptions& options) {
  const Config config = options.config.config();
  check_options(options, config);
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
  const std::string group = "Run";
  command
      ->add_option("--output", options->output,
                   wrap_help("directory for everything that is written "
                             "[runs/<environment>-<date>-<time>]"))
      ->option_text("DIR")
      ->group(group);
  add_switch(*command, "--overwrite", options->overwrite,
             "replace the training that is in the output directory, when the new policies are "
             "written")
      ->group(group);
  add_switch(*command, "--quiet", options->quiet, "show no progress")->group(group);
  add_number_option(*command, "report-steps", options->report_steps, std::int64_t{1},
                    std::int64_t{1'000'000'000'000'000},
                    wrap_help("environment steps per agent between two rows of metrics.csv "
                              "[a hundredth of --total-steps]"))
      ->group(group);
  add_number_option(
      *command, "evaluation-episodes", options->evaluation_episodes, std::int64_t{0},
      std::int64_t{10'000'000},
      wrap_help("episodes per agent of the evaluation at the end, without noise; 0: no "
                "evaluation [100]"))
      ->group(group);
  command
      ->add_option(
          "--starts", options->starts,
          wrap_help("evaluate from the start states in this JSON file instead, with regret "
                    "if it has best returns"))
      ->option_text("FILE")
      ->excludes("--evaluation-episodes")
      ->group(group);
  command->callback([options, &selection] {
    selection.action = [options] { return train(*options); };
    selection.prints_result = options->json.takes_output();
  });
}

}  // namespace polyak
