// Metrics of short slices of training put together to those of a whole report.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "polyak/metrics.hpp"

namespace polyak {

/// Sums counts and weights means by them, for every agent.
class MetricsAccumulator {
 public:
  explicit MetricsAccumulator(int agents);
  /// As if it had been added.
  explicit MetricsAccumulator(std::vector<AgentMetrics> agents) : agents_(std::move(agents)) {}
  void add(std::span<const AgentMetrics> slice);
  /// Agent i has from now on what agent sources[i] has had.
  void change_agents(std::span<const int> sources);
  /// What was added since the last take().
  std::vector<AgentMetrics> take();
  const std::vector<AgentMetrics>& so_far() const { return agents_; }

 private:
  std::vector<AgentMetrics> agents_;
};

}  // namespace polyak
