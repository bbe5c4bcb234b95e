#include "app/output/training_result.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "app/output/best_evaluations.hpp"
#include "app/output/build_description.hpp"
#include "app/output/format.hpp"
#include "app/output/population_table.hpp"
#include "config/derived.hpp"
#include "io/config_text.hpp"
#include "io/json_text.hpp"
#include "trainer/divergence.hpp"

namespace polyak {
namespace {

/// The agents from the best mean return to the worst.
std::vector<std::size_t> ranking(std::span<const AgentEvaluation> agents) {
  std::vector<double> means;
  for (const AgentEvaluation& agent : agents) means.push_back(agent.returns.mean);
  return ranked(means);
}

Estimate over_agents(std::span<const AgentEvaluation> agents,
                     double (*value)(const AgentEvaluation&)) {
  std::vector<double> values;
  for (const AgentEvaluation& agent : agents) values.push_back(value(agent));
  return estimate(values);
}
double mean_return(const AgentEvaluation& agent) { return agent.returns.mean; }
double mean_regret(const AgentEvaluation& agent) { return agent.regret->mean; }

nlohmann::ordered_json estimate_json(const Estimate& value) {
  return {{"mean", value.mean}, {"standard_error", number_or_null(value.standard_error)}};
}

nlohmann::ordered_json divergence_json(const std::optional<Divergence>& divergence,
                                       const Config& config) {
  if (!divergence) return nullptr;
  return {{"agent", divergence->agent},
          {"quantity", to_string(divergence->value.quantity)},
          {"update", divergence->value.update},
          {"environment_step", environment_step(divergence->value, config)}};
}

}  // namespace

std::string with_error(const Estimate& value, int decimals) {
  return format_fixed(value.mean, decimals) + " (standard error " +
         format_fixed(value.standard_error, decimals) + ")";
}

void print_evaluation(std::ostream& out, const AgentEvaluation& evaluation) {
  const ReturnStatistics& returns = evaluation.returns;
  out << "  mean return    " << with_error({returns.mean, returns.standard_error}) << '\n'
      << "  median         " << format_fixed(returns.median, 1) << '\n'
      << "  worst          " << format_fixed(returns.worst, 1) << '\n';
  if (evaluation.regret) {
    out << "  mean regret    " << with_error(*evaluation.regret) << '\n';
  }
}

void print_population(std::ostream& out, const TrainingEvaluation& evaluation,
                      const std::vector<VariedField>& varied) {
  const bool several = evaluation.history.count() > 1;
  if (evaluation.last.size() == 1) {
    print_evaluation(out, evaluation.last.front());
    if (several) print_best(out, evaluation.history);
    return;
  }
  RowNames rows{"agent", {}, {}};
  for (const VariedField& field : varied) {
    rows.columns.push_back({std::string(field.name), field.values});
  }
  for (std::size_t agent = 0; agent < evaluation.last.size(); ++agent) {
    rows.names.push_back(std::to_string(agent));
  }
  if (several) rows.more = best_columns(evaluation.history);
  print_evaluations(out, evaluation.last, rows);
  print_together(out, evaluation.last, rows, "agents");
  if (several) print_bests(out, evaluation.history);
}

int best_agent(std::span<const AgentEvaluation> agents) {
  return static_cast<int>(ranking(agents).front());
}

nlohmann::ordered_json evaluation_json(const AgentEvaluation& evaluation) {
  const ReturnStatistics& returns = evaluation.returns;
  nlohmann::ordered_json json = {{"episodes", returns.episodes},
                                 {"mean_return", returns.mean},
                                 {"standard_error", number_or_null(returns.standard_error)},
                                 {"median", returns.median},
                                 {"worst", returns.worst},
                                 {"best", returns.best}};
  if (evaluation.regret) json["regret"] = estimate_json(*evaluation.regret);
  return json;
}

nlohmann::ordered_json population_json(std::span<const AgentEvaluation> agents) {
  const std::vector<std::size_t> order = ranking(agents);
  nlohmann::ordered_json json = {{"mean_return", estimate_json(over_agents(agents, mean_return))},
                                 {"best_agent", order.front()},
                                 {"worst_agent", order.back()}};
  if (agents.front().regret) json["regret"] = estimate_json(over_agents(agents, mean_regret));
  return json;
}

nlohmann::ordered_json agents_json(const Config& config) {
  const std::vector<VariedField> varied = varied_fields(config);
  auto agents = nlohmann::ordered_json::array();
  for (int agent = 0; agent < config.agents; ++agent) {
    nlohmann::ordered_json settings = nlohmann::ordered_json::object();
    for (const VariedField& field : varied) {
      // Numbers all of them, written as JSON writes them.
      settings[std::string(field.name)] =
          nlohmann::ordered_json::parse(field.values[static_cast<std::size_t>(agent)]);
    }
    agents.push_back({{"agent", agent}, {"seed", agent_seed(config, agent)}});
    if (!varied.empty()) agents.back()["settings"] = std::move(settings);
  }
  return agents;
}

std::string_view to_string(StopReason reason) {
  switch (reason) {
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::non_finite:
      return "non_finite";
    case StopReason::goal_reached:
      return "goal_reached";
    case StopReason::no_improvement:
      return "no_improvement";
    case StopReason::finished:
      break;
  }
  return "finished";
}

nlohmann::ordered_json training_summary(const Trainer& trainer, StopReason reason,
                                        const TrainingEvaluation& evaluation) {
  const std::vector<AgentEvaluation>& last = evaluation.last;
  const std::vector<BestEvaluation>& best = evaluation.history.best();
  const Config& config = trainer.config();
  const double seconds = trainer.training_seconds();
  const auto rate = [&](std::int64_t count) {
    return seconds > 0.0 ? static_cast<double>(count) * config.agents / seconds : 0.0;
  };
  nlohmann::ordered_json summary = {{"version", build_description().version},
                                    {"commit", build_description().commit},
                                    {"device", trainer.device_description()},
                                    {"stop_reason", to_string(reason)},
                                    {"divergence", divergence_json(trainer.divergence(), config)},
                                    {"environment_steps", trainer.environment_steps()},
                                    {"updates", trainer.updates()},
                                    {"seconds", seconds},
                                    {"steps_per_second", rate(trainer.environment_steps())},
                                    {"updates_per_second", rate(trainer.updates())}};
  summary["evaluations"] = evaluation.history.count();
  summary["evaluation_seconds"] = evaluation.seconds;
  summary["evaluation"] = last.empty() ? nullptr : population_json(last);
  summary["agents"] = agents_json(config);
  for (std::size_t agent = 0; agent < last.size(); ++agent) {
    summary["agents"][agent]["evaluation"] = evaluation_json(last[agent]);
  }
  for (std::size_t agent = 0; agent < best.size(); ++agent) {
    summary["agents"][agent]["best"] = best_json(best[agent]);
  }
  summary["configuration"] = config_to_json(config);
  return summary;
}

}  // namespace polyak
