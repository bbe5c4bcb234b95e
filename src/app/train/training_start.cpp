#include "app/train/training_start.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <optional>
#include <string>

#include "app/options/named_files.hpp"
#include "app/options/recommendation.hpp"
#include "app/output/format.hpp"
#include "app/output/message.hpp"
#include "app/train/checkpoint_writer.hpp"
#include "app/train/training_run.hpp"
#include "backend/notices.hpp"
#include "config/fields.hpp"
#include "io/checkpoint_files.hpp"
#include "io/read_file.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "search/search_directory.hpp"
#include "trainer/resumable_config.hpp"
#include "trainer/trainer_access.hpp"
#include "trainer/warning_signs.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_schedule = 64u << 20;

[[noreturn]] void refuse_resume(const TrainOptions& options, const std::string& why) {
  throw UsageError("--resume " + options.resume + ": " + why);
}

std::int64_t default_report_steps(const Config& config) {
  return std::max<std::int64_t>(1, config.total_steps / 100);
}

/// The newest checkpoint that is whole. Of those that are not, a warning says why, or the error if
/// none is.
Checkpoint newest_checkpoint(const TrainOptions& options) {
  std::string first_failure;
  for (const fs::path& path : checkpoints_in(options.resume)) {
    try {
      Checkpoint checkpoint(path);
      if (!first_failure.empty()) {
        std::cerr << "polyak: warning: " << printable(first_failure) << "; going on from "
                  << printable(path.filename().string()) << ", the one before" << std::endl;
      }
      return checkpoint;
    } catch (const UsageError& error) {
      if (first_failure.empty()) first_failure = error.what();
    }
  }
  if (!first_failure.empty()) throw UsageError(first_failure);
  refuse_resume(options,
                "there is no checkpoint in it; --checkpoint-interval says when a training "
                "writes one");
}

/// Where an option comes from that a refusal begins with ("--NAME: WHY", or the name of the file of
/// --starts), if it was not given now: who reads it would look for it in vain.
std::string origin_of_option(std::string_view refusal, const TrainOptions& options,
                             const Checkpoint& checkpoint, const std::string& starts) {
  std::string name(refusal.substr(0, refusal.find_first_of(": ")));
  if (!starts.empty() && refusal.starts_with(starts)) name = "--starts";
  const CLI::Option* const option =
      name.starts_with("--") ? options.command.get_option_no_throw(name) : nullptr;
  if (option == nullptr || option->count() > 0) return {};
  return "; " + name + " is not given now, the training has it from before (" +
         checkpoint.path().string() + ")";
}

/// Presets and algorithms set other options, which a training that goes on has already.
void refuse_bundles(const TrainOptions& options) {
  for (const auto name : {field_name(&Config::preset), field_name(&Config::algorithm)}) {
    if (!options.config.given(name)) continue;
    throw UsageError("--" + std::string(name) +
                     ": has no effect in a training that goes on, which has all of its options; "
                     "leave it out");
  }
}

/// The checkpoint's configuration with what the command line changes of it.
Config resumed_config(const TrainOptions& options, const Checkpoint& checkpoint) {
  Config base = checkpoint.config();
  // These belong to the device that they were chosen on.
  if (options.config.given("device")) {
    if (!options.config.given("engine")) base.engine = Engine::automatic;
    if (base.matrix_product == MatrixProduct::own) base.matrix_product = MatrixProduct::automatic;
  }
  Config config = options.config.changed(base);
  validate(config);
  require_resumable(checkpoint.config(), config);
  refuse_bundles(options);
  check_train_options(options, config);
  return config;
}

/// The configuration whose values the tables of a run have in their columns: those of the
/// beginning.
Config config_of_tables(const Schedule& schedule, const Config& config) {
  return schedule.rows.empty() ? config : first_config(schedule, config);
}

/// What a training that goes on is from now on.
struct ResumedPlan {
  Config config;
  EvaluationPlan evaluation;
};

ResumedPlan resumed_plan(const TrainOptions& options, const Checkpoint& checkpoint) {
  const EvaluationOptions evaluation =
      options.evaluation.with_noted(checkpoint.note(note_of_evaluation));
  try {
    const Config config = resumed_config(options, checkpoint);
    return {config, evaluation_plan(evaluation, config)};
  } catch (const UsageError& error) {
    throw UsageError(error.what() +
                     origin_of_option(error.what(), options, checkpoint, evaluation.starts));
  }
}

/// What `polyak train` has noted of its records.
struct RunNotes {
  TableMarks tables;
  std::int64_t report_steps;
};

RunNotes run_notes(const Checkpoint& checkpoint) {
  const auto metrics = parse_table_mark(checkpoint.note(note_of_metrics));
  const auto evaluations = parse_table_mark(checkpoint.note(note_of_evaluations));
  const auto report_steps = parse_number<std::int64_t>(checkpoint.note(note_of_reports));
  if (!metrics || !evaluations || !report_steps) {
    throw UsageError(checkpoint.path().string() +
                     ": has no notes of this polyak train; what a program saved is for "
                     "Trainer::resume");
  }
  return {{*metrics, *evaluations}, *report_steps};
}

/// Whether the evaluation behind the last step is lacking: it was killed or interrupted there.
bool lacks_evaluation(const RunDirectory& directory, const Checkpoint& checkpoint,
                      const Config& config, const EvaluationPlan& plan) {
  if (plan.at_the_end.count() == 0) return false;
  const std::int64_t steps = checkpoint.environment_steps();
  const auto rows =
      EvaluationsTable(config).read(directory.path() / evaluations_file_name, steps).rows;
  return rows.empty() || rows.back().environment_steps < steps;
}

void refuse_finished(const TrainOptions& options, const RunDirectory& directory,
                     const Checkpoint& checkpoint, const Config& config,
                     const EvaluationPlan& plan) {
  // Without a summary it was killed after its last step, before everything was written.
  if (checkpoint.environment_steps() < config.total_steps ||
      !fs::exists(directory.summary_path()) ||
      lacks_evaluation(directory, checkpoint, config, plan)) {
    return;
  }
  refuse_resume(options, "the training is finished, with " +
                             std::to_string(checkpoint.environment_steps()) +
                             " environment steps; to go on, give it more --total-steps");
}

TrainingStart resume_training(const TrainOptions& options, std::ostream& out) {
  given_files(options.command, {"--resume"});
  if (holds_search(options.resume)) {
    refuse_resume(options, "it is a search, not a training; polyak tune --resume goes on with it");
  }
  auto directory = std::make_unique<RunDirectory>(DirectoryClaim::existing(options.resume));
  const Checkpoint checkpoint = newest_checkpoint(options);
  auto [config, plan] = resumed_plan(options, checkpoint);
  const std::string_view note = checkpoint.note(note_of_schedule);
  Schedule schedule;
  if (!note.empty()) schedule = parse_schedule(note, checkpoint.path().string() + ": its schedule");
  const Config of_tables = config_of_tables(schedule, config);
  refuse_finished(options, *directory, checkpoint, of_tables, plan);
  const RunNotes notes = run_notes(checkpoint);
  Trainer trainer = TrainerAccess::resume(checkpoint, config);
  trainer.require_evaluation_memory(static_cast<std::int64_t>(plan.at_the_end.count()));
  if (options.tensorboard) directory->log_events();
  EvaluationsBefore evaluated{
      directory->resume(config_of_tables(schedule, trainer.config()), notes.tables,
                        trainer.environment_steps()),
      parse_number<double>(checkpoint.note(note_of_evaluation_seconds)).value_or(0.0),
      checkpoint.kept_files()};
  if (!options.quiet) {
    out << "Going on from " << printable(checkpoint.path().string()) << " ("
        << format_bytes(checkpoint.bytes()) << "), after " << trainer.environment_steps()
        << " environment steps and " << trainer.updates() << " updates per agent\n";
  }
  return {std::move(directory),
          std::move(trainer),
          std::move(plan),
          std::move(evaluated),
          options.report_steps > 0 ? options.report_steps : notes.report_steps,
          std::move(schedule)};
}

/// The file of --schedule; nothing without it. UsageError for options that it takes the place of.
Schedule schedule_of(const TrainOptions& options) {
  if (options.schedule.empty()) return {};
  Schedule schedule =
      parse_schedule(read_whole_file(options.schedule, largest_schedule), options.schedule);
  std::vector<std::string> names = schedule.fields;
  names.insert(names.end(), {"agents", "seed"});
  for (const std::string& name : names) {
    if (options.command.get_option("--" + name)->count() == 0) continue;
    throw UsageError("--" + name +
                     ": has no effect beside --schedule, which says it for every step");
  }
  return schedule;
}

TrainingStart new_training(const TrainOptions& options) {
  Schedule schedule = schedule_of(options);
  const Config config = config_of_tables(schedule, options.config.config());
  validate(config);
  check_train_options(options, config);
  EvaluationPlan plan = evaluation_plan(options.evaluation, config);
  auto directory = std::make_unique<RunDirectory>(claim_output(options, config), options.overwrite);
  Trainer trainer(config);
  trainer.require_evaluation_memory(static_cast<std::int64_t>(plan.at_the_end.count()));
  if (options.tensorboard) directory->log_events();
  directory->begin(trainer.config());
  return {std::move(directory),
          std::move(trainer),
          std::move(plan),
          {},
          options.report_steps > 0 ? options.report_steps : default_report_steps(config),
          std::move(schedule)};
}

}  // namespace

TrainingStart start_training(const TrainOptions& options, std::ostream& out) {
  if (options.quiet) listen_to_notices({});
  const bool resumes = options.command.get_option("--resume")->count() > 0;
  TrainingStart start = resumes ? resume_training(options, out) : new_training(options);
  const std::string warning = warning_of_random_actions(start.trainer.config());
  if (!warning.empty()) std::cerr << "polyak: warning: " << warning << std::endl;
  if (options.quiet) return start;
  if (!resumes) print_recommendation(out, options.config, start.trainer.config());
  print_beginning(out, start.trainer);
  return start;
}

}  // namespace polyak
