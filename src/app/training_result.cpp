#include "app/training_result.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <utility>

#include "app/bench_report.hpp"
#include "app/format.hpp"
#include "io/config_text.hpp"
#include "io/json_text.hpp"
#include "trainer/divergence.hpp"

namespace polyak {
namespace {

constexpr std::size_t most_rows = 16;

std::string with_error(double mean, double standard_error) {
  return format_fixed(mean, 1) + " (standard error " + format_fixed(standard_error, 1) + ")";
}

/// The agents from the best mean return to the worst.
std::vector<std::size_t> ranking(std::span<const AgentEvaluation> agents) {
  std::vector<std::size_t> order(agents.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(-agents[a].returns.mean, a) < std::pair(-agents[b].returns.mean, b);
  });
  return order;
}

Estimate over_agents(std::span<const AgentEvaluation> agents,
                     double (*value)(const AgentEvaluation&)) {
  std::vector<double> values;
  for (const AgentEvaluation& agent : agents) values.push_back(value(agent));
  return estimate(values);
}
double mean_return(const AgentEvaluation& agent) { return agent.returns.mean; }
double mean_regret(const AgentEvaluation& agent) { return agent.regret->mean; }

std::vector<std::string> table_row(std::size_t agent, const AgentEvaluation& evaluation) {
  const ReturnStatistics& returns = evaluation.returns;
  std::vector<std::string> row = {std::to_string(agent), format_fixed(returns.mean, 1),
                                  format_fixed(returns.standard_error, 1),
                                  format_fixed(returns.median, 1), format_fixed(returns.worst, 1)};
  if (evaluation.regret) row.push_back(format_fixed(evaluation.regret->mean, 1));
  return row;
}

void print_agent_table(std::ostream& out, std::span<const AgentEvaluation> agents) {
  std::vector<std::vector<std::string>> rows = {
      {"agent", "mean return", "standard error", "median", "worst"}};
  if (agents.front().regret) rows.front().emplace_back("mean regret");
  if (agents.size() <= most_rows) {
    for (std::size_t i = 0; i < agents.size(); ++i) rows.push_back(table_row(i, agents[i]));
  } else {
    const std::vector<std::size_t> order = ranking(agents);
    const std::size_t half = most_rows / 2;
    for (std::size_t i = 0; i < half; ++i) rows.push_back(table_row(order[i], agents[order[i]]));
    rows.emplace_back(rows.front().size(), "...");
    for (std::size_t i = order.size() - half; i < order.size(); ++i) {
      rows.push_back(table_row(order[i], agents[order[i]]));
    }
  }
  print_table(out, rows);
}

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

std::vector<AgentEvaluation> evaluate_agents(std::span<const float> returns, const Starts& starts) {
  std::vector<AgentEvaluation> agents;
  for (std::size_t begin = 0; begin < returns.size(); begin += starts.count()) {
    const std::span<const float> own = returns.subspan(begin, starts.count());
    AgentEvaluation agent{summarise_returns(own), {}};
    if (!starts.best_returns.empty()) agent.regret = estimate(regrets(own, starts.best_returns));
    agents.push_back(agent);
  }
  return agents;
}

void print_evaluation(std::ostream& out, const AgentEvaluation& evaluation) {
  const ReturnStatistics& returns = evaluation.returns;
  out << "  mean return    " << with_error(returns.mean, returns.standard_error) << '\n'
      << "  median         " << format_fixed(returns.median, 1) << '\n'
      << "  worst          " << format_fixed(returns.worst, 1) << '\n';
  if (evaluation.regret) {
    out << "  mean regret    "
        << with_error(evaluation.regret->mean, evaluation.regret->standard_error) << '\n';
  }
}

void print_population(std::ostream& out, std::span<const AgentEvaluation> agents) {
  if (agents.size() == 1) return print_evaluation(out, agents.front());
  print_agent_table(out, agents);
  const std::vector<std::size_t> order = ranking(agents);
  const Estimate returns = over_agents(agents, mean_return);
  out << "all " << agents.size() << " agents: mean return "
      << with_error(returns.mean, returns.standard_error) << ", best agent " << order.front()
      << ", worst agent " << order.back() << '\n';
  if (agents.front().regret) {
    const Estimate regret = over_agents(agents, mean_regret);
    out << "all " << agents.size() << " agents: mean regret "
        << with_error(regret.mean, regret.standard_error) << '\n';
  }
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

std::string_view to_string(StopReason reason) {
  switch (reason) {
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::non_finite:
      return "non_finite";
    case StopReason::finished:
      break;
  }
  return "finished";
}

nlohmann::ordered_json training_summary(const Trainer& trainer, StopReason reason,
                                        std::span<const AgentEvaluation> agents) {
  const Config& config = trainer.config();
  const double seconds = trainer.training_seconds();
  const auto rate = [&](std::int64_t count) {
    return seconds > 0.0 ? static_cast<double>(count) * config.agents / seconds : 0.0;
  };
  nlohmann::ordered_json summary = {{"version", POLYAK_VERSION},
                                    {"commit", POLYAK_GIT_COMMIT},
                                    {"device", trainer.device_description()},
                                    {"stop_reason", to_string(reason)},
                                    {"divergence", divergence_json(trainer.divergence(), config)},
                                    {"environment_steps", trainer.environment_steps()},
                                    {"updates", trainer.updates()},
                                    {"seconds", seconds},
                                    {"steps_per_second", rate(trainer.environment_steps())},
                                    {"updates_per_second", rate(trainer.updates())}};
  summary["evaluation"] = agents.empty() ? nullptr : population_json(agents);
  summary["agents"] = nlohmann::ordered_json::array();
  for (int agent = 0; agent < config.agents; ++agent) {
    summary["agents"].push_back({{"agent", agent}, {"seed", agent_seed(config, agent)}});
    if (agents.empty()) continue;
    summary["agents"].back()["evaluation"] =
        evaluation_json(agents[static_cast<std::size_t>(agent)]);
  }
  summary["configuration"] = config_to_json(config);
  return summary;
}

}  // namespace polyak
