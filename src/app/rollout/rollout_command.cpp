#include "app/rollout/rollout_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/options/config_options.hpp"
#include "app/options/named_files.hpp"
#include "app/options/simulation_options.hpp"
#include "app/output/json_output.hpp"
#include "app/output/message.hpp"
#include "app/rollout/animation.hpp"
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
  std::string animation;
};

/// What a rollout has to show.
struct RolloutResult {
  std::string csv;
  std::string picture;  // the content of --animate's file
};

/// Every row of a file of states and actions, one step further.
RolloutResult step_transitions(const RolloutOptions& options) {
  const std::string name = options.environment.empty() ? Config{}.environment : options.environment;
  const SimulatorConfig config = options.simulation.simulator_config(name);
  const EnvironmentInfo environment = find_environment(name);
  const TransitionInputs inputs = read_transitions(options.transitions, environment);
  const TransitionResult result =
      options.simulation.make(config)->step(inputs.states, inputs.actions);
  return {transitions_csv(result, environment), {}};
}

/// Whole episodes of a policy.
RolloutResult roll_out(const RolloutOptions& options) {
  const Policy policy = Policy::load(options.policy);
  const SimulatorConfig config = options.simulation.simulator_config(policy, options.policy);
  const Starts starts = options.simulation.starts(config);
  if (!options.animation.empty() && starts.count() != 1) {
    throw UsageError("--animate: draws one episode, not " + std::to_string(starts.count()));
  }
  const Trajectories trajectories = options.simulation.make(config)->rollout(policy, starts.states);
  return {trajectories_csv(trajectories, config.environment, config.time_limit),
          options.animation.empty() ? "" : animation(options.animation, trajectories, config)};
}

void check_files(const RolloutOptions& options) {
  std::vector<NamedFile> outputs = given_files(options.command, {"--output", "--animate"});
  for (const NamedFile& file : options.json.files()) outputs.push_back(file);
  check_outputs(outputs, given_files(options.command, {"POLICY", "--starts", "--transitions"}));
  if (!options.animation.empty()) check_animation_name(options.animation);
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
  const RolloutResult result =
      options.transitions.empty() ? roll_out(options) : step_transitions(options);
  if (!options.output.empty()) {
    write_file_atomically(options.output, result.csv);
  } else if (options.animation.empty() && !options.json.takes_output()) {
    std::cout << result.csv;
  }
  if (!options.animation.empty()) {
    write_file_atomically(options.animation, result.picture);
    options.json.text(given_files(options.command, {"--output", "--animate"}))
        << "wrote " << printable(options.animation) << '\n';
  }
  if (options.json.is_asked_for()) options.json.write(csv_as_json(result.csv), -1);
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
      "  polyak rollout policy.safetensors --animate swing_up.svg  a picture that moves\n"
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
  command
      ->add_option("--animate", options->animation,
                   wrap_help("draw the episode: an SVG that moves without scripts, or an animated "
                             "GIF; rows then go to --output or --json only"))
      ->option_text("FILE.svg|.gif")
      ->excludes(transitions);
  command->callback(
      [options, &selection] { selection.action = [options] { return rollout(*options); }; });
}

}  // namespace polyak
