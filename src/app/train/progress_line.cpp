#include "app/train/progress_line.hpp"

#include <algorithm>
#include <cmath>

#include "app/output/format.hpp"
#include "app/output/report.hpp"

namespace polyak {
namespace {

template <class Value, class Count>
double weighted_mean(const Report& report, const Value& value, const Count& count) {
  double sum = 0.0, weight = 0.0;
  for (const AgentMetrics& agent : report.agents) {
    if (count(agent) == 0) continue;
    sum += value(agent) * static_cast<double>(count(agent));
    weight += static_cast<double>(count(agent));
  }
  return weight > 0.0 ? sum / weight : std::numeric_limits<double>::quiet_NaN();
}

/// ", 12:30 left"; nothing while it is unknown.
std::string time_left(const Report& report, std::int64_t total_steps) {
  if (!(report.steps_per_second > 0.0)) return "";
  const double steps =
      static_cast<double>(std::max<std::int64_t>(0, total_steps - report.environment_steps));
  const auto agents = static_cast<double>(report.agents.size());
  return ", " + format_duration(steps * agents / report.steps_per_second) + " left";
}

std::string format_loss(double value) {
  return format_fixed(value, std::abs(value) < 10.0 ? 3 : 1);
}

}  // namespace

double mean_return_of(const Report& report) {
  return weighted_mean(
      report, [](const AgentMetrics& agent) { return agent.mean_return; },
      [](const AgentMetrics& agent) { return agent.episodes; });
}

std::vector<std::string> progress_parts(const Report& report, std::int64_t total_steps,
                                        double mean_return, double noise_free_return) {
  const auto updates = [](const AgentMetrics& agent) { return agent.updates; };
  const double critic_loss = weighted_mean(
      report, [](const AgentMetrics& agent) { return agent.critic_loss; }, updates);
  const double actor_loss = weighted_mean(
      report, [](const AgentMetrics& agent) { return agent.actor_loss; }, updates);
  const auto steps = static_cast<double>(report.environment_steps);
  const auto total = static_cast<double>(total_steps);
  std::vector<std::string> parts = {format_quantity(steps) + "/" + format_quantity(total) +
                                        " steps (" +
                                        format_fixed(std::min(100.0, 100.0 * steps / total), 0) +
                                        "%" + time_left(report, total_steps) + ")",
                                    "return " + format_fixed(mean_return, 1)};
  if (std::isfinite(noise_free_return)) {
    parts.push_back("noise-free " + format_fixed(noise_free_return, 1));
  }
  parts.insert(parts.end(), {format_rate(report.steps_per_second) + " steps/s",
                             format_rate(report.updates_per_second) + " updates/s",
                             "critic loss " + format_loss(critic_loss),
                             "actor loss " + format_loss(actor_loss)});
  return parts;
}

void ProgressLine::show(const Report& report) {
  const double mean_return = mean_return_of(report);
  if (std::isfinite(mean_return)) last_return_ = mean_return;
  line_.show(progress_parts(report, total_steps_, last_return_, noise_free_return_));
}

void ProgressLine::set_evaluation(std::span<const EvaluationRow> agents) {
  double sum = 0.0;
  for (const EvaluationRow& agent : agents) sum += static_cast<double>(agent.mean_return);
  if (!agents.empty()) noise_free_return_ = sum / static_cast<double>(agents.size());
}

}  // namespace polyak
