#include "io/metrics_table.hpp"

#include "io/csv.hpp"

namespace polyak {
namespace {

std::string row_of(const Report& report, std::size_t agent) {
  const AgentMetrics& values = report.agents[agent];
  // Sums of float32 values: more digits than a float32's would be noise.
  const auto rounded = [](double value) { return static_cast<float>(value); };
  std::string row = CsvLine()
                        .add(agent)
                        .add(report.environment_steps)
                        .add(report.updates)
                        .add(rounded(report.seconds))
                        .add(values.episodes)
                        .add(rounded(values.mean_return))
                        .add(rounded(values.mean_episode_length))
                        .add(rounded(values.critic_loss))
                        .add(rounded(values.actor_loss))
                        .add(rounded(values.mean_q))
                        .add(rounded(values.saturated_share))
                        .add(rounded(values.actor_gradient_norm))
                        .add(rounded(values.critic_gradient_norm))
                        .str();
  row.pop_back();  // the line goes on
  return row;
}

}  // namespace

std::string MetricsTable::header() const {
  return "agent,environment_steps,updates,seconds,episodes,mean_return,mean_episode_length,"
         "critic_loss,actor_loss,mean_q,saturated_actions,actor_gradient_norm,"
         "critic_gradient_norm" +
         varied_columns(varied_) + "\n";
}

std::string MetricsTable::rows(const Report& report) const {
  std::string text;
  for (std::size_t agent = 0; agent < report.agents.size(); ++agent) {
    text += row_of(report, agent) + varied_cells(varied_, agent) + "\n";
  }
  return text;
}

}  // namespace polyak
