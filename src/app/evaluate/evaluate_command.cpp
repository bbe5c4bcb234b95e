#include "app/evaluate/evaluate_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/evaluate/policy_files.hpp"
#include "app/evaluate/policy_results.hpp"
#include "app/options/config_options.hpp"
#include "app/options/named_files.hpp"
#include "app/options/simulation_options.hpp"
#include "app/output/json_output.hpp"
#include "io/atomic_file.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::int64_t default_episodes = 100;

struct EvaluateOptions {
  explicit EvaluateOptions(CLI::App& subcommand)
      : command(subcommand),
        simulation(subcommand, default_episodes),
        json(subcommand, "the statistics of every policy") {}

  const CLI::App& command;
  SimulationOptions simulation;
  JsonOutput json;
  std::vector<std::string> policies;
  std::string per_start;
};

/// So that a mistake costs no more time than reading took.
void check_files(const EvaluateOptions& options, const std::vector<NamedPolicy>& policies) {
  std::vector<NamedFile> inputs = given_files(options.command, {"--starts"});
  for (const NamedPolicy& policy : policies) inputs.push_back({"POLICY", policy.file});
  std::vector<NamedFile> outputs = given_files(options.command, {"--per-start"});
  for (const NamedFile& file : options.json.files()) outputs.push_back(file);
  check_outputs(outputs, inputs);
}

bool is_same_task(const SimulatorConfig& a, const SimulatorConfig& b) {
  return a.environment == b.environment && a.parameters == b.parameters &&
         a.time_limit == b.time_limit;
}

/// With where each begins; those of one environment from the same states.
std::vector<PolicyResult> prepare_results(const EvaluateOptions& options,
                                          std::vector<NamedPolicy> policies) {
  std::vector<PolicyResult> results;
  std::vector<std::size_t> tasks;  // the first policy of each
  for (NamedPolicy& policy : policies) {
    const SimulatorConfig config = options.simulation.simulator_config(policy.policy, policy.file);
    const auto task = std::find_if(tasks.begin(), tasks.end(), [&](std::size_t first) {
      return is_same_task(results[first].config, config);
    });
    const auto starts = task != tasks.end()
                            ? results[*task].starts
                            : std::make_shared<const Starts>(options.simulation.starts(config));
    if (task == tasks.end()) tasks.push_back(results.size());
    results.push_back({policy.file, std::move(policy.policy), config, starts, {}});
  }
  return results;
}

int evaluate(const EvaluateOptions& options) {
  given_files(options.command, {"POLICY"});  // refuses an empty name
  std::vector<NamedPolicy> policies = load_policies(options.policies);
  check_files(options, policies);
  std::vector<PolicyResult> results = prepare_results(options, std::move(policies));
  std::unique_ptr<Simulator> simulator;
  for (std::size_t i = 0; i < results.size(); ++i) {
    PolicyResult& result = results[i];
    if (i == 0 || !is_same_task(results[i - 1].config, result.config)) {
      simulator = options.simulation.make(result.config);
    }
    result.returns = simulator->evaluate(result.policy, result.starts->states);
  }
  if (!options.json.takes_output()) print_results(std::cout, results);
  if (!options.per_start.empty()) {
    write_file_atomically(options.per_start, per_start_csv(results));
  }
  options.json.write(results_json(results));
  return exit_success;
}

}  // namespace

void add_evaluate_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command =
      app.add_subcommand("evaluate", "returns of policies without exploration noise");
  command->footer(
      "Examples:\n"
      "  polyak evaluate policy.safetensors                100 episodes\n"
      "  polyak evaluate runs/*                            every policy of every training\n"
      "  polyak evaluate RUN --starts starts.json          regrets, if the file has best returns\n"
      "  polyak evaluate RUN --json all.json --per-start all.csv\n"
      "All policies of an environment start from the same states. Of more than 16 policies the\n"
      "table shows the best and the worst 8; JSON and CSV have all.");
  const auto options = std::make_shared<EvaluateOptions>(*command);
  command
      ->add_option("POLICY", options->policies,
                   wrap_help("policy.safetensors files, or run directories for all of theirs"))
      ->required()
      ->option_text("...");
  command
      ->add_option("--per-start", options->per_start,
                   wrap_help("write every episode's return as CSV: start,return; of several "
                             "policies: policy,start,return"))
      ->option_text("FILE");
  command->callback(
      [options, &selection] { selection.action = [options] { return evaluate(*options); }; });
}

}  // namespace polyak
