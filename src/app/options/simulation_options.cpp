#include "app/options/simulation_options.hpp"

#include <CLI/CLI.hpp>
#include <limits>

#include "app/options/config_options.hpp"
#include "app/options/device_choices.hpp"
#include "app/options/number_option.hpp"
#include "config/derived.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

constexpr std::int64_t max_episodes = 10'000'000;
constexpr int longest_episode = 1'000'000'000;

/// The time limit that a policy was trained with.
int trained_time_limit(const Policy& policy, const EnvironmentInfo& environment) {
  const auto entry = policy.training.find("time_limit");
  if (entry == policy.training.end()) return environment.time_limit;
  const std::optional<int> value = parse_number<int>(entry->second);
  if (!value || *value < 1 || *value > longest_episode) {
    throw UsageError("the policy's metadata 'training.time_limit' is '" + entry->second +
                     "', which is no number of steps; its file is corrupted");
  }
  return *value;
}

/// A policy may be for an environment that only other programs have.
EnvironmentInfo environment_of(const Policy& policy, const std::string& file) {
  try {
    return find_environment(policy.environment);
  } catch (const UsageError& error) {
    throw UsageError(file + ": its episodes cannot be run: " + error.what());
  }
}

/// Simulators know the environment's range of actions; a policy that says another is not for it.
void require_action_range(const Policy& policy, const EnvironmentInfo& environment) {
  for (int i = 0; i < environment.action_size; ++i) {
    const float low = environment.action_low(i), high = environment.action_high(i);
    const auto at = static_cast<std::size_t>(i);
    if (policy.action_scale.at(at) == 0.5f * (high - low) &&
        policy.action_offset.at(at) == 0.5f * (high + low)) {
      continue;
    }
    throw UsageError(
        "the policy's metadata 'action_scale' and 'action_offset' are not the range of " +
        std::string(environment.name) + "'s actions, " + format_number(low) + " to " +
        format_number(high) + "; its file is corrupted");
  }
}

}  // namespace

SimulatorConfig trained_environment(const Policy& policy, const std::string& file) {
  const EnvironmentInfo environment = environment_of(policy, file);
  require_action_range(policy, environment);
  return {policy.environment, policy.environment_parameters,
          trained_time_limit(policy, environment), 0};
}

SimulationOptions::SimulationOptions(CLI::App& command, std::int64_t default_episodes)
    : episodes_(default_episodes) {
  const std::string group = "Episodes";
  CLI::Option* const episodes =
      add_number_option(command, "episodes", episodes_, std::int64_t{1}, max_episodes,
                        "episodes to run [" + std::to_string(default_episodes) + "]")
          ->group(group);
  add_number_option(command, "seed", seed_, std::uint64_t{0},
                    std::numeric_limits<std::uint64_t>::max(),
                    "seed of the start states, and of chance in the environment's steps [0]")
      ->group(group);
  command
      .add_option("--starts", starts_,
                  wrap_help("start states from a JSON file with a list for each of the "
                            "environment's state names, and best_return if they are known; "
                            "instead of --episodes and --seed"))
      ->option_text("FILE")
      ->excludes(episodes)
      ->group(group);
  add_number_option(command, "time-limit", time_limit_, 1, longest_episode,
                    wrap_help("steps after which an episode is cut [as the policy was trained]"))
      ->group(group);
  command
      .add_option("--environment-parameter", environment_parameters_,
                  wrap_help("name=value: change a constant of the environment [as the policy was "
                            "trained]"))
      ->option_text("LIST")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->delimiter(',')
      ->group(group);
  const std::string execution = "Execution";
  command
      .add_option("--device", device_, "auto (a GPU if there is one), cuda, cuda:N or cpu [auto]")
      ->option_text("NAME")
      ->group(execution);
  add_number_option(command, "threads", threads_, 0, max_threads,
                    "CPU threads; 0: all cores; a GPU needs none [0]")
      ->group(execution);
  command.get_option("--starts")->excludes(command.get_option("--seed"));
}

void SimulationOptions::refuse_episodes_beside(CLI::App& command, CLI::Option& option) {
  for (const char* const name : {"--episodes", "--seed", "--starts", "--time-limit"}) {
    option.excludes(command.get_option(name));
  }
}

void SimulationOptions::apply_overrides(SimulatorConfig& config) const {
  if (time_limit_ > 0) config.time_limit = time_limit_;
  config.threads = threads_;
  config.seed = seed_;
  if (environment_parameters_.empty()) return;
  Config changes;
  changes.environment = config.environment;
  changes.environment_parameters = environment_parameters_;
  const std::vector<float> values = environment_parameter_values(changes);
  const EnvironmentInfo environment = find_environment(config.environment);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string prefix = std::string(environment.parameters[i].name) + "=";
    for (const std::string& assignment : environment_parameters_) {
      if (assignment.starts_with(prefix)) config.parameters[i] = values[i];
    }
  }
}

SimulatorConfig SimulationOptions::simulator_config(const Policy& policy,
                                                    const std::string& file) const {
  SimulatorConfig config = trained_environment(policy, file);
  apply_overrides(config);
  return config;
}

SimulatorConfig SimulationOptions::simulator_config(const std::string& environment) const {
  const EnvironmentInfo info = find_environment(environment);
  Config defaults;
  defaults.environment = environment;
  SimulatorConfig config{environment, environment_parameter_values(defaults), info.time_limit, 0};
  apply_overrides(config);
  return config;
}

std::unique_ptr<Simulator> SimulationOptions::make(const SimulatorConfig& config) const {
  const Device device = parse_device(device_);
  if (device.is_every_gpu()) {
    throw UsageError("--device cuda:all: is for trainings; episodes run on one GPU: use cuda:N");
  }
  return make_simulator(resolve_device(device), config);
}

Starts SimulationOptions::starts(const SimulatorConfig& config) const {
  const EnvironmentInfo environment = find_environment(config.environment);
  if (has_starts_file()) return read_starts(starts_, environment);
  return {environment.state_size,
          draw_starts(config.environment, config.parameters, seed_, episodes_),
          {}};
}

}  // namespace polyak
