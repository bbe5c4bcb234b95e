// `polyak evaluate`: how good a policy is, without noise.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.hpp"
#include "app/config_options.hpp"
#include "app/message.hpp"
#include "app/simulation_options.hpp"
#include "app/training_result.hpp"
#include "io/atomic_file.hpp"
#include "io/csv.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::int64_t default_episodes = 100;

struct EvaluateOptions {
  explicit EvaluateOptions(CLI::App& command) : simulation(command, default_episodes) {}

  SimulationOptions simulation;
  std::string policy;
  std::string per_start;
  bool json = false;
};

void write_per_start(const std::string& path, std::span<const float> returns) {
  std::string text = "start,return\n";
  for (std::size_t i = 0; i < returns.size(); ++i) text += CsvLine().add(i).add(returns[i]).str();
  write_file_atomically(path, text);
}

int evaluate(const EvaluateOptions& options) {
  const Policy policy = Policy::load(options.policy);
  const SimulatorConfig config = options.simulation.simulator_config(policy);
  const Starts starts = options.simulation.starts(config);
  const std::vector<float> returns =
      options.simulation.make(config)->evaluate(policy, starts.states);
  const AgentEvaluation evaluation = evaluate_agents(returns, starts).front();
  if (!options.per_start.empty()) write_per_start(options.per_start, returns);
  if (options.json) {
    nlohmann::ordered_json json = {{"policy", options.policy},
                                   {"environment", config.environment},
                                   {"time_limit", config.time_limit}};
    json.update(evaluation_json(evaluation));
    // Names of files need not be UTF-8; JSON does.
    std::cout << json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
    return exit_success;
  }
  std::cout << printable(options.policy) << " on " << config.environment << ", " << starts.count()
            << (starts.count() == 1 ? " episode" : " episodes") << " of at most "
            << config.time_limit << " steps, without noise:\n";
  print_evaluation(std::cout, evaluation);
  return exit_success;
}

}  // namespace

void add_evaluate_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command =
      app.add_subcommand("evaluate", "returns of a policy without exploration noise");
  const auto options = std::make_shared<EvaluateOptions>(*command);
  command->add_option("POLICY", options->policy, "a policy.safetensors file")->required();
  command
      ->add_option("--per-start", options->per_start,
                   wrap_help("write every episode's return as CSV: start,return"))
      ->option_text("FILE");
  command->add_flag("--json", options->json, "print JSON instead of text");
  command->callback(
      [options, &selection] { selection.action = [options] { return evaluate(*options); }; });
}

}  // namespace polyak
