#include "app/train/train_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "app/options/named_files.hpp"
#include "app/options/number_option.hpp"
#include "app/options/options_without_effect.hpp"
#include "app/output/default_directory.hpp"
#include "backend/backend.hpp"
#include "config/fields.hpp"
#include "io/checkpoint_files.hpp"
#include "io/run_files.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

/// The report would take the place of what the training writes there itself.
void refuse_report_among_run_files(const JsonOutput& json, const fs::path& directory) {
  std::error_code error;
  const fs::path run = fs::weakly_canonical(fs::absolute(directory, error), error);
  for (const NamedFile& file : json.files()) {
    const fs::path report = fs::weakly_canonical(fs::absolute(file.path, error), error);
    if (report == run ||
        (report.parent_path() == run && is_run_file_name(report.filename().string()))) {
      throw UsageError(file.option + " " + file.path.string() +
                       ": is a name of the training's own in its directory; choose another one");
    }
  }
}

void add_checkpoint_options(CLI::App& command, TrainOptions& options) {
  const std::string group = "Checkpoints";
  command
      .add_option(
          "--resume", options.resume,
          wrap_help("go on with the training in this directory from its newest checkpoint, "
                    "with the bits that it would have had. It has its options; --total-steps "
                    "may be raised, and where and how it runs and reports may change"))
      ->option_text("RUN")
      ->excludes("--output")
      ->excludes("--overwrite")
      ->excludes("--config")
      ->excludes("--schedule")
      ->group(group);
  add_number_option(command, "checkpoint-interval", options.checkpoint_interval, 0.0, 1e9,
                    wrap_help("seconds between two checkpoints, from which --resume goes on; more "
                              "where writing one takes more than a twentieth of the time. One more "
                              "comes at the end. 0: none at all; not remembered: give it to "
                              "--resume, too [60]"))
      ->group(group);
  add_number_option(command, "checkpoint-every", options.checkpoint_every, std::int64_t{1},
                    std::int64_t{1'000'000'000'000'000},
                    wrap_help("environment steps per agent between two checkpoints, instead of "
                              "seconds"))
      ->excludes("--checkpoint-interval")
      ->group(group);
  add_number_option(command, "keep-checkpoints", options.keep_checkpoints, 1, max_checkpoints,
                    wrap_help("checkpoints that stay: checkpoint.safetensors is the newest, "
                              "checkpoint.1.safetensors the one before [1; with --resume as many "
                              "as there are]"))
      ->group(group);
}

}  // namespace

TrainOptions::TrainOptions(CLI::App& subcommand)
    : command(subcommand),
      config(subcommand),
      evaluation(subcommand),
      json(subcommand, "what summary.json has") {
  const std::string group = "Run";
  subcommand
      .add_option("--output", output,
                  wrap_help("directory for everything that is written "
                            "[runs/<environment>-<date>-<time>]"))
      ->option_text("DIR")
      ->group(group);
  add_switch(subcommand, "--overwrite", overwrite,
             "replace the training that is in the output directory, when the new policies are "
             "written")
      ->group(group);
  add_switch(subcommand, "--quiet", quiet, "show no progress")->group(group);
  add_switch(subcommand, "--tensorboard", tensorboard,
             "write what metrics.csv has into a file for TensorBoard in the output directory, "
             "too; a training that had one goes on with it")
      ->group(group);
  add_number_option(subcommand, "report-steps", report_steps, std::int64_t{1},
                    std::int64_t{1'000'000'000'000'000},
                    wrap_help("environment steps per agent between two rows of metrics.csv "
                              "[a hundredth of --total-steps]"))
      ->group(group);
  subcommand
      .add_option("--schedule", schedule,
                  wrap_help("CSV file of hyper-parameters that change on the way, like the "
                            "lineage.csv of `polyak tune --scheduler pbt`, whose best agent it "
                            "trains again; how many agents there are follows from it"))
      ->option_text("FILE")
      ->excludes("--agents")
      ->group(group);
  add_checkpoint_options(subcommand, *this);
}

DirectoryClaim claim_output(const TrainOptions& options, const Config& config) {
  if (!options.output.empty()) return DirectoryClaim::named(options.output);
  // Gets a number if several begin within a second.
  return DirectoryClaim::numbered(default_directory(config.environment));
}

void check_train_options(const TrainOptions& options, const Config& config) {
  refuse_options_without_effect(options.command, config);
  require_fields_on(resolve_device(config.device).kind, config);
  if (given_files(options.command, {"--output"}).empty() && options.overwrite) {
    throw UsageError("--overwrite: has no effect without --output, the directory to overwrite");
  }
  if (options.command.get_option("--keep-checkpoints")->count() > 0 &&
      !options.makes_checkpoints()) {
    throw UsageError("--keep-checkpoints: has no effect with --checkpoint-interval 0");
  }
  check_outputs(options.json.files(),
                given_files(options.command, {"--config", "--starts", "--schedule"}));
  for (const std::string& directory : {options.output, options.resume}) {
    if (!directory.empty()) refuse_report_among_run_files(options.json, directory);
  }
}

int TrainOptions::checkpoints_to_keep() const {
  if (resume.empty() || command.get_option("--keep-checkpoints")->count() > 0) {
    return keep_checkpoints;
  }
  return std::max(keep_checkpoints, static_cast<int>(checkpoints_in(resume).size()));
}

}  // namespace polyak
