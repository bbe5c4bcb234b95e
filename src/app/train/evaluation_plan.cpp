#include "app/train/evaluation_plan.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/options/config_options.hpp"
#include "app/options/number_option.hpp"
#include "config/fields.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

constexpr std::int64_t fewest_episodes_at_the_end = 100, default_episodes_on_the_way = 16;
// The last evaluation names the best agent. Between two agents of --preset best the difference of
// their returns has a standard deviation of 5 from start to start: after 100 episodes that of their
// means is known to within 0.5, and good ones are closer than that.
constexpr std::int64_t max_comparison_episodes = 1000, episodes_of_all_agents = 5000;
constexpr std::int64_t default_evaluations = 20;
constexpr std::int64_t max_evaluation_episodes = 10'000'000,
                       longest_interval = 1'000'000'000'000'000;
constexpr double largest_goal = 1e12;

std::int64_t default_episodes_at_the_end(std::int64_t agents) {
  if (agents == 1) return fewest_episodes_at_the_end;
  return std::clamp(episodes_of_all_agents / agents, fewest_episodes_at_the_end,
                    max_comparison_episodes);
}

Starts end_starts(const EvaluationOptions& options, const Config& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  if (!options.starts.empty()) return read_starts(options.starts, environment);
  return {environment.state_size,
          draw_starts(config.environment, environment_parameter_values(config), 0,
                      options.episodes.value_or(default_episodes_at_the_end(config.agents))),
          {}};
}

/// UsageError for an option that would change nothing, or that asks for what nobody knows.
void check_plan(const EvaluationOptions& options, const EvaluationPlan& plan) {
  if (plan.at_the_end.count() == 0 && options.every.value_or(0) > 0) {
    throw UsageError("--evaluate-every: has no effect with --evaluation-episodes 0");
  }
  const bool has_best_returns = !plan.at_the_end.best_returns.empty();
  if (plan.rules.at_regret && !has_best_returns) {
    throw UsageError("--stop-at-regret: needs best returns, which only a file of --starts has; " +
                     (options.starts.empty() ? "give one, or use --stop-at-return"
                                             : options.starts + " has none"));
  }
  for (const auto& [name, given] : {std::pair("--stop-at-return", plan.rules.at_return.has_value()),
                                    std::pair("--stop-at-regret", plan.rules.at_regret.has_value()),
                                    std::pair("--patience", plan.rules.patience > 0)}) {
    if (given && plan.every == 0) {
      throw UsageError(
          std::string(name) + ": has no effect without evaluations on the way; " +
          (plan.at_the_end.count() == 0 ? "--evaluation-episodes" : "--evaluate-every") + " is 0");
    }
  }
}

/// With the interval that was chosen: it stays if the training is made longer.
std::string note_of(const EvaluationOptions& options, std::int64_t every) {
  nlohmann::json note = {{"every", every}};
  const auto add = [&note](const char* name, const auto& option) {
    if (option) note[name] = *option;
  };
  add("episodes", options.episodes);
  add("patience", options.patience);
  add("stop_at_return", options.stop_at_return);
  add("stop_at_regret", options.stop_at_regret);
  if (!options.starts.empty()) note["starts"] = std::filesystem::absolute(options.starts).string();
  return note.dump();
}

}  // namespace

EvaluationOptions EvaluationOptions::with_noted(std::string_view text) const {
  EvaluationOptions all = *this;
  const nlohmann::json note = nlohmann::json::parse(text, nullptr, false);
  if (!note.is_object()) return all;
  const auto add = [&note]<class Value>(const char* name, std::optional<Value>& option) {
    if (!option && note.contains(name)) option = note[name].get<Value>();
  };
  if (episodes != std::int64_t{0}) add("every", all.every);  // which would be without effect
  add("patience", all.patience);
  add("stop_at_return", all.stop_at_return);
  add("stop_at_regret", all.stop_at_regret);
  if (starts.empty()) add("episodes", all.episodes);
  if (!episodes && starts.empty()) all.starts = note.value("starts", "");
  return all;
}

EvaluationOptions::EvaluationOptions(CLI::App& command) {
  const std::string group = "Evaluation";
  add_number_option(command, "evaluate-every", every, std::int64_t{0}, longest_interval,
                    wrap_help("environment steps per agent between two evaluations, whose time "
                              "does not count; 0: only the one at the end [a twentieth of "
                              "--total-steps]"))
      ->group(group);
  add_number_option(
      command, "evaluation-episodes", episodes, std::int64_t{0}, max_evaluation_episodes,
      wrap_help("episodes per agent of each evaluation, always from the same random "
                "start states; 0: no evaluation [100 at the end, of several agents 5000 "
                "in all but 100 to 1000 of each; the first 16 of them on the way]"))
      ->group(group);
  command
      .add_option("--starts", starts,
                  wrap_help("evaluate from the start states in this JSON file instead, with regret "
                            "if it has best returns"))
      ->option_text("FILE")
      ->excludes("--evaluation-episodes")
      ->group(group);
  add_number_option(command, "stop-at-return", stop_at_return, -largest_goal, largest_goal,
                    wrap_help("end the training when an evaluation's mean return is at least this"))
      ->group(group);
  add_number_option(command, "stop-at-regret", stop_at_regret, -largest_goal, largest_goal,
                    wrap_help("end it when an evaluation's mean regret is at most this; needs best "
                              "returns in --starts"))
      ->group(group);
  add_number_option(command, "patience", patience, std::int64_t{0}, longest_interval,
                    wrap_help("end it when so many evaluations in a row are no better than the "
                              "best before them. A population ends when every agent meets one of "
                              "the rules: until then all agents train on, so that each has the "
                              "bits that it has alone. 0: never [0]"))
      ->group(group);
}

EvaluationPlan evaluation_plan(const EvaluationOptions& options, const Config& config) {
  EvaluationPlan plan{
      end_starts(options, config),
      {},
      0,
      {options.stop_at_return, options.stop_at_regret, options.patience.value_or(0)}};
  if (plan.at_the_end.count() > 0) {
    plan.every =
        options.every.value_or(std::max<std::int64_t>(1, config.total_steps / default_evaluations));
  }
  const bool by_default = options.starts.empty() && !options.episodes;
  plan.on_the_way = by_default && plan.every > 0
                        ? first_starts(plan.at_the_end, default_episodes_on_the_way)
                        : plan.at_the_end;
  check_plan(options, plan);
  plan.note = note_of(options, plan.every);
  return plan;
}

}  // namespace polyak
