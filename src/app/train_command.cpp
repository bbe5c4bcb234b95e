// `polyak train`: from a configuration to a directory of policies and records.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/bench_devices.hpp"
#include "app/command.hpp"
#include "app/config_options.hpp"
#include "app/format.hpp"
#include "app/interrupt.hpp"
#include "app/json_output.hpp"
#include "app/named_files.hpp"
#include "app/options_without_say.hpp"
#include "app/progress_line.hpp"
#include "app/terminal.hpp"
#include "app/training_result.hpp"
#include "backend/backend.hpp"
#include "io/run_directory.hpp"
#include "io/starts_file.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"
#include "trainer/divergence.hpp"

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

/// runs/<environment>-<date>-<time>, with a number if two begin within a second.
fs::path default_output(const std::string& environment) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char time[32];
  std::strftime(time, sizeof time, "%Y%m%d-%H%M%S", &local);
  const std::string base = "runs/" + environment + "-" + time;
  fs::path path = base;
  for (int number = 2; fs::exists(path); ++number) path = base + "-" + std::to_string(number);
  return path;
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
  std::int64_t bytes = 0;
  for (const MemoryNeed& need : memory_needs(config)) bytes += need.bytes;
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
  trainer_options.on_report = [&](const Report& report) { directory.write_metrics(report); };
  if (!options.quiet) {
    trainer_options.on_progress = [&](const Report& report) { progress.show(report); };
  }
  trainer_options.stop = &stop;
  const StopReason reason = trainer.run(trainer_options);
  progress.finish();
  return reason;
}

void write_policies(const Trainer& trainer, const RunDirectory& directory) {
  for (int agent = 0; agent < trainer.config().agents; ++agent) {
    directory.write_policy(agent, trainer.policy(agent));
  }
}

std::string policies_in_words(const RunDirectory& directory, int agents) {
  if (agents == 1) return directory.policy_path(0).string();
  return directory.policy_path(0).string() + " to " +
         directory.policy_path(agents - 1).filename().string();
}

/// Trains, and keeps the newest good policies whatever goes wrong.
StopReason train_and_save(Trainer& trainer, RunDirectory& directory, const TrainOptions& options,
                          const std::atomic<bool>& stop) {
  try {
    const StopReason reason = run_training(trainer, directory, options, stop);
    write_policies(trainer, directory);
    return reason;
  } catch (const std::exception&) {
    try {
      write_policies(trainer, directory);
    } catch (const RunError&) {
      // The first failure is the one to report; this one is most likely its consequence.
    }
    throw;
  }
}

void print_end(std::ostream& out, const Trainer& trainer, const RunDirectory& directory) {
  out << "Wrote " << policies_in_words(directory, trainer.config().agents) << ", config.toml, "
      << directory.metrics_path().filename().string() << " and "
      << directory.summary_path().filename().string() << '\n';
}

int train(const TrainOptions& options) {
  const Config config = options.config.config();
  refuse_options_without_say(options.command, config);
  check_gpu_options(config, std::array{DeviceChoice{"", resolve_device(config.device), 0}});
  if (given_files(options.command, {"--output"}).empty() && options.overwrite) {
    throw UsageError("--overwrite: has no say without --output, the directory to overwrite");
  }
  const fs::path output =
      options.output.empty() ? default_output(config.environment) : fs::path(options.output);
  check_outputs(options.json.files(), given_files(options.command, {"--config", "--starts"}));
  RunDirectory::check(output, options.overwrite);
  std::ostream& text = options.json.text();
  const Starts starts = evaluation_starts(options, config);

  const InterruptHandler interrupt;
  Trainer trainer(config);
  RunDirectory directory(output, options.overwrite, trainer.config());
  if (!options.quiet) print_beginning(text, trainer);
  const StopReason reason = train_and_save(trainer, directory, options, interrupt.requested());

  std::vector<AgentEvaluation> evaluations;
  if (reason == StopReason::finished && starts.count() > 0) {
    evaluations = evaluate_agents(trainer.evaluate(starts.states), starts);
  }
  const nlohmann::ordered_json summary = training_summary(trainer, reason, evaluations);
  directory.write_summary(summary);
  if (reason == StopReason::non_finite) {
    options.json.write(summary);
    throw RunError(describe(*trainer.divergence(), trainer.config()) +
                   "; training stopped, the last good policy is in " +
                   policies_in_words(directory, config.agents));
  }
  text << (reason == StopReason::finished ? "Trained " : "Interrupted after ")
       << trainer.environment_steps() << " environment steps and " << trainer.updates()
       << " updates per agent in " << format_fixed(trainer.training_seconds(), 2) << " s\n";
  if (!evaluations.empty()) {
    text << "Evaluation without noise, " << starts.count() << " episodes per agent:\n";
    print_population(text, evaluations, varied_fields(config));
  }
  print_end(text, trainer, directory);
  options.json.write(summary);
  return reason == StopReason::interrupted ? interrupt.exit_code() : exit_success;
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
  command
      ->add_flag("--overwrite", options->overwrite,
                 "replace the training that is in the output directory")
      ->group(group);
  command->add_flag("--quiet", options->quiet, "show no progress")->group(group);
  command
      ->add_option("--report-steps", options->report_steps,
                   wrap_help("environment steps per agent between two rows of metrics.csv "
                             "[a hundredth of --total-steps]"))
      ->option_text("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000'000'000}))
      ->group(group);
  command
      ->add_option(
          "--evaluation-episodes", options->evaluation_episodes,
          wrap_help("episodes per agent of the evaluation at the end, without noise; 0: no "
                    "evaluation [100]"))
      ->option_text("N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{10'000'000}))
      ->group(group);
  command
      ->add_option(
          "--starts", options->starts,
          wrap_help("evaluate from the start states in this JSON file instead, with regret "
                    "if it has best returns"))
      ->option_text("FILE")
      ->excludes("--evaluation-episodes")
      ->group(group);
  command->callback(
      [options, &selection] { selection.action = [options] { return train(*options); }; });
}

}  // namespace polyak
