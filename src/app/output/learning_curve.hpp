// Learning curves of agents and of what they have in common.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "io/agent_table.hpp"

namespace polyak {

/// The mean without the lowest and the highest quarter: floor(n / 4) values each. values: at least
/// one.
double interquartile_mean(std::vector<double> values);

struct Interval {
  double low, high;
};

/// The 95% percentile bootstrap of the interquartile mean (Agarwal et al. 2021, arXiv 2108.13264);
/// the same for the same values. NaN for a single one.
Interval interquartile_interval(const std::vector<double>& values);

struct CurvePoint {
  double steps;  // environment steps of the agent
  double value;
};

/// A column of one agent, without the rows in which it is empty.
using AgentCurve = std::vector<CurvePoint>;

/// Of every agent: [agents]. UsageError if there is no such column.
std::vector<AgentCurve> agent_curves(const AgentTable& table, std::string_view column);

struct PopulationPoint {
  double steps;
  double middle, low, high;  // the interquartile mean and its interval
};

/// What the agents have in common at no more than `most` of their steps, the last one among them.
/// An agent counts from its first value on, with its newest one.
std::vector<PopulationPoint> population_curve(std::span<const AgentCurve> curves, std::size_t most);

}  // namespace polyak
