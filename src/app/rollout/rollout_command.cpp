#include "app/rollout/rollout_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/options/config_options.hpp"
#include "app/options/named_files.hpp"
#include "app/options/simulation_options.hpp"
#include "app/output/json_output.hpp"
#include "app/rollout/trajectory_csv.hpp"
#include "io/atomic_file.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

struct RolloutOptions {
  explicit RolloutOptions(CLI::App& subcommand)
      : command(subcommand),
        simulation(subcommand, 1),
        json(subcommand, "the columns' names and the rows") {}

  const CLI::App& command;
  SimulationOptions simulation;
  JsonOutput json;
  std::string policy;
  std::string environment;
  std::string transitions;
  std::string output;
};

/// Every row of a file of states and actions, one step further.
std::string step_transitions(const RolloutOptions& options) {
  const std::string name = options.environment.empty() ? Config{}.environment : options.environment;
  const SimulatorConfig config = options.simulation.simulator_config(name);
  const EnvironmentInfo environment = find_environment(name);
  const TransitionInputs inputs = read_transitions(options.transitions, environment);
  const TransitionResult result =
      options.simulation.make(config)->step(inputs.states, inputs.actions);
  return transitions_csv(result, environment);
}

/// Whole episodes of a policy.
std::string roll_out(const RolloutOptions& options) {
  const Policy policy = Policy::load(options.policy);
  const SimulatorConfig config = options.simulation.simulator_config(policy, options.policy);
  const Starts starts = options.simulation.starts(config);
  const Trajectories trajectories = options.simulation.make(config)->rollout(policy, starts.states);
  return trajectories_csv(trajectories, config.environment, config.time_limit);
}

void check_files(const RolloutOptions& options) {
  std::vector<NamedFile> outputs = given_files(options.command, {"--output"});
  for (const NamedFile& file : options.json.files()) outputs.push_back(file);
  check_outputs(outputs, given_files(options.command, {"POLICY", "--starts", "--transitions"}));
}

int rollout(const RolloutOptions& options) {
  check_files(options);
  if (options.policy.empty() == options.transitions.empty()) {
    throw UsageError(
        "rollout needs either a POLICY or --transitions FILE (see polyak rollout "
        "--help)");
  }
  if (!options.policy.empty() && !options.environment.empty()) {
    throw UsageError("--environment goes with --transitions; a policy brings its own");
  }
  const std::string csv =
      options.transitions.empty() ? roll_out(options) : step_transitions(options);
  if (!options.output.empty()) {
    write_file_atomically(options.output, csv);
  } else if (!options.json.takes_output()) {
    std::cout << csv;
  }
  if (options.json.is_asked_for()) options.json.write(csv_as_json(csv), -1);
  return exit_success;
}

}  // namespace

void add_rollout_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command = app.add_subcommand(
      "rollout", "trajectories of a policy, or single steps from given states, as CSV");
  command->footer(
      "Examples:\n"
      "  polyak rollout policy.safetensors --output episode.csv    one episode\n"
      "  polyak rollout policy.safetensors --episodes 10 --json    rows for programs\n"
      "  polyak rollout --transitions steps.csv                    single steps, without a policy");
  const auto options = std::make_shared<RolloutOptions>(*command);
  command->add_option("POLICY", options->policy, "a policy.safetensors file")->option_text(" ");
  CLI::Option* const transitions =
      command
          ->add_option(
              "--transitions", options->transitions,
              wrap_help("instead of a policy: a CSV with the environment's states and an action in "
                        "each row (theta,theta_dot,action); writes what one step from there gives; "
                        "there are no episodes then, and none of their options"))
          ->option_text("FILE");
  SimulationOptions::refuse_episodes_beside(*command, *transitions);
  command
      ->add_option("--environment", options->environment,
                   "the environment of --transitions [" + Config{}.environment + "]")
      ->option_text("NAME");
  command->add_option("--output", options->output, "write to a file instead of the terminal")
      ->option_text("FILE");
  command->callback(
      [options, &selection] { selection.action = [options] { return rollout(*options); }; });
}

}  // namespace polyak
