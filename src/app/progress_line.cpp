#include "app/progress_line.hpp"

#include <algorithm>
#include <cmath>

#include "app/bench_report.hpp"
#include "app/format.hpp"

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

std::string format_loss(double value) {
  return format_fixed(value, std::abs(value) < 10.0 ? 3 : 1);
}

}  // namespace

double mean_return_of(const Report& report) {
  return weighted_mean(
      report, [](const AgentMetrics& agent) { return agent.mean_return; },
      [](const AgentMetrics& agent) { return agent.episodes; });
}

std::string progress_text(const Report& report, std::int64_t total_steps, double mean_return) {
  const auto updates = [](const AgentMetrics& agent) { return agent.updates; };
  const double critic_loss = weighted_mean(
      report, [](const AgentMetrics& agent) { return agent.critic_loss; }, updates);
  const double actor_loss = weighted_mean(
      report, [](const AgentMetrics& agent) { return agent.actor_loss; }, updates);
  const auto steps = static_cast<double>(report.environment_steps);
  const auto total = static_cast<double>(total_steps);
  const auto agents = static_cast<double>(report.agents.size());
  const double left =
      std::max(0.0, total - steps) * agents / std::max(report.steps_per_second, 1e-9);
  return format_quantity(steps) + "/" + format_quantity(total) + " steps (" +
         format_fixed(std::min(100.0, 100.0 * steps / total), 0) + "%, " + format_duration(left) +
         " left)  " + format_rate(report.steps_per_second) + " steps/s  " +
         format_rate(report.updates_per_second) + " updates/s  return " +
         format_fixed(mean_return, 1) + "  critic loss " + format_loss(critic_loss) +
         "  actor loss " + format_loss(actor_loss);
}

void ProgressLine::show(const Report& report) {
  const double mean_return = mean_return_of(report);
  if (std::isfinite(mean_return)) last_return_ = mean_return;
  const std::string text = progress_text(report, total_steps_, last_return_);
  if (on_terminal_) {
    // From the line's start, without wrapping on a narrow terminal, clearing what was longer.
    out_ << "\r\x1b[?7l" << text << "\x1b[K\x1b[?7h" << std::flush;
    open_ = true;
  } else {
    out_ << text << std::endl;
  }
}

void ProgressLine::finish() {
  if (open_) out_ << std::endl;
  open_ = false;
}

}  // namespace polyak
