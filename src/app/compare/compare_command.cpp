#include "app/compare/compare_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/compare/report.hpp"
#include "app/compare/starts.hpp"
#include "app/options/config_options.hpp"
#include "app/options/named_files.hpp"
#include "app/options/number_option.hpp"
#include "app/options/options_without_effect.hpp"
#include "app/options/recommendation.hpp"
#include "app/output/json_output.hpp"
#include "app/output/report.hpp"
#include "app/process/process_time.hpp"
#include "backend/backend.hpp"
#include "io/config_text.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr int default_agents = 10;  // fewer seeds say little of the time to reach a goal
constexpr double default_regret = 20.0;
constexpr double largest_threshold = 1e12;
constexpr int max_runs = 10000;
constexpr std::int64_t longest_wait = 1'000'000'000'000'000;  // in environment steps

struct CompareOptions {
  explicit CompareOptions(CLI::App& subcommand)
      : command(subcommand), config(subcommand), json(subcommand, "all results and the curves") {}

  const CLI::App& command;
  ConfigOptions config;
  JsonOutput json;
  std::vector<std::string> devices;
  std::string starts_path;
  std::optional<double> threshold;
  MeasureSchedule schedule{500, false};
  int runs = 1;
};

Config compared_config(const CompareOptions& options) {
  Config config = options.config.config();
  if (options.command.get_option("--device")->count() > 0) {
    throw UsageError("--device: compare takes several devices; use --devices cuda,cpu");
  }
  if (!options.config.given("agents")) config.agents = default_agents;
  validate(config);
  if (options.runs > 1 && config.seed.values.size() > 1) {
    throw UsageError("--runs: several runs count their seeds up from one --seed; give just one");
  }
  return config;
}

/// All runs on one device. `started` is how long the program has run by now, where that counts.
ComparedTraining train_on(const DeviceChoice& choice, const Config& config,
                          const LearningGoal& goal, const CompareOptions& options,
                          std::optional<double> started) {
  const Config on_device = with_device(config, choice);
  ComparedTraining training{choice, memory_bytes(on_device), {}, {}};
  for (std::size_t run = 0; run < static_cast<std::size_t>(options.runs); ++run) {
    const Config of_run = options.runs > 1 ? run_config(on_device, run) : on_device;
    training.runs.push_back(train_and_measure(of_run, goal, options.schedule));
  }
  const TrainingRecord& first = training.runs.front();
  if (const Measurement* const reached = first.at_goal(); started && reached) {
    training.process_seconds = *started + first.setup_seconds + reached->seconds;
  }
  return training;
}

LearningGoal learning_goal(const CompareOptions& options, const Config& config,
                           std::ostream& text) {
  ComparisonStarts known = comparison_starts(config, options.starts_path, reference_folders());
  if (options.threshold && !known.remark.empty()) {
    throw UsageError("--threshold: is a regret here, but " + known.remark);
  }
  if (!known.remark.empty()) text << known.remark << '\n';
  LearningGoal goal{std::move(known.starts), options.threshold};
  if (!goal.threshold && goal.is_regret()) goal.threshold = default_regret;
  return goal;
}

/// One line about what is compared when nobody said what to compare.
void print_choices(std::ostream& text, std::span<const DeviceChoice> choices) {
  text << "Comparing what there is:";
  for (const DeviceChoice& choice : choices) {
    text << (&choice == &choices.front() ? " " : ", ") << choice.label;
  }
  const std::string absence = list_devices().cuda_absence;
  if (!absence.empty()) text << " (no GPU: " << absence << ')';
  text << "; --devices chooses\n";
}

std::vector<DeviceChoice> chosen_devices(const CompareOptions& options, const Config& config) {
  std::vector<DeviceChoice> choices =
      options.devices.empty() ? compared_devices(config) : parse_device_choices(options.devices);
  refuse_options_without_effect(options.command, config);
  check_gpu_options(config, choices);
  if (options.command.get_option("--threads")->count() > 0) {
    check_threads_option(config.threads, choices);
  }
  return choices;
}

std::vector<ComparedTraining> train_on_all(const std::vector<DeviceChoice>& choices,
                                           const Config& config, const LearningGoal& goal,
                                           const CompareOptions& options) {
  std::vector<ComparedTraining> trainings;
  for (const DeviceChoice& choice : choices) {
    // The program, and CUDA with it, has started for the first device only.
    const auto started =
        trainings.empty() ? std::optional(seconds_since_program_start()) : std::nullopt;
    trainings.push_back(train_on(choice, config, goal, options, started));
  }
  return trainings;
}

int run_compare(const CompareOptions& options) {
  const Config config = compared_config(options);
  const std::vector<DeviceChoice> choices = chosen_devices(options, config);
  if (options.schedule.every < 1) throw UsageError("--measure-every: it must be 1 or more");
  check_outputs(options.json.files(), given_files(options.command, {"--config", "--starts"}));
  std::ostream& text = options.json.text();
  const LearningGoal goal = learning_goal(options, config, text);

  if (options.devices.empty()) print_choices(text, choices);
  print_recommendation(text, options.config, config);
  text << describe_task(config) << '\n'
       << format_quantity(static_cast<double>(config.total_steps))
       << " environment steps per agent; goal: " << describe_goal(goal) << " over "
       << goal.starts.count() << " start states\n"
       << std::flush;
  const std::vector<ComparedTraining> trainings = train_on_all(choices, config, goal, options);
  print_comparison(text, trainings, goal, config);

  nlohmann::ordered_json report = report_header("compare");
  report["configuration"] = config_to_json(config);
  report.update(comparison_json(trainings, goal, config));
  options.json.write(report);
  return exit_success;
}

void add_options(CLI::App& command, CompareOptions& options) {
  command
      .add_option(
          "--devices", options.devices,
          wrap_help("cuda, cuda:N (one of several GPUs), cpu (all cores) or cpu:N (N threads), "
                    "separated by commas "
                    "[what there is of cuda,cpu,cpu:1, whatever device a "
                    "--config has]"))
      ->delimiter(',')
      ->option_text("LIST");
  command
      .add_option("--starts", options.starts_path,
                  wrap_help("start states to judge policies on, with best returns if known [for "
                            "Pendulum-v1 the 500 of share/polyak/pendulum_v1_starts.json, "
                            "otherwise 100 drawn from the environment]"))
      ->option_text("FILE");
  add_number_option(command, "threshold", options.threshold, -largest_threshold, largest_threshold,
                    wrap_help("the goal: mean regret at most this if best returns are known [20], "
                              "otherwise mean return at least this [no goal]"));
  add_number_option(command, "runs", options.runs, 1, max_runs,
                    wrap_help("trainings on each device, one after another, each with new seeds; "
                              "with --agents 1 the time that a single training takes to the goal, "
                              "as a median over seeds [1; up to 10000]"));
  add_number_option(command, "measure-every", options.schedule.every, std::int64_t{1}, longest_wait,
                    wrap_help("environment steps per agent between two measurements, whose time "
                              "does not count [500]"));
  add_switch(command, "--whole-curve", options.schedule.whole_curve,
             "go on measuring after every agent has reached the goal");
}

}  // namespace

void add_compare_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command = app.add_subcommand(
      "compare",
      "the same training on the GPU, all cores and one: speed, and time to a good policy");
  command->footer(
      "Trains 10 agents unless --agents says otherwise. Examples:\n"
      "  polyak compare                              what there is, 10 agents at once\n"
      "  polyak compare --agents 1 --runs 10         the time to solve it, over 10 seeds\n"
      "  polyak compare --agents 512 --devices cuda  agents solved per second\n"
      "  polyak compare --devices cpu:4,cpu:1        numbers of threads\n"
      "  polyak compare --json                       JSON instead of tables\n"
      "The whole program's time, with the start of CUDA in it, is that of the first device. The\n"
      "JSON is described in bench/README.md.");
  const auto options = std::make_shared<CompareOptions>(*command);
  add_options(*command, *options);
  command->callback(
      [options, &selection] { selection.action = [options] { return run_compare(*options); }; });
}

}  // namespace polyak
