#include "app/output/learning_curve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace polyak {

double interquartile_mean(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto quarter = static_cast<std::ptrdiff_t>(values.size() / 4);
  const auto first = values.begin() + quarter, last = values.end() - quarter;
  return std::accumulate(first, last, 0.0) / static_cast<double>(last - first);
}

Interval interquartile_interval(const std::vector<double>& values) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (values.size() < 2) return {nan, nan};
  // Of many agents fewer resamples say as much.
  const std::size_t resamples = values.size() > 100 ? 200 : 1000;
  std::mt19937_64 random(1);
  std::vector<double> means, sample(values.size());
  for (std::size_t i = 0; i < resamples; ++i) {
    for (double& value : sample) value = values[random() % values.size()];
    means.push_back(interquartile_mean(sample));
  }
  std::sort(means.begin(), means.end());
  const auto at = [&](double share) {
    return means[static_cast<std::size_t>(std::lround(share * static_cast<double>(resamples - 1)))];
  };
  return {at(0.025), at(0.975)};
}

std::vector<AgentCurve> agent_curves(const AgentTable& table, std::string_view column) {
  const std::size_t agent = table.index("agent"), steps = table.index("environment_steps"),
                    value = table.index(column);
  std::vector<AgentCurve> curves;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto index = static_cast<std::size_t>(table.at(row, agent));
    if (index >= curves.size()) curves.resize(std::min(index, table.rows()) + 1);
    if (index >= curves.size() || std::isnan(table.at(row, value))) continue;
    curves[index].push_back({table.at(row, steps), table.at(row, value)});
  }
  return curves;
}

std::vector<PopulationPoint> population_curve(std::span<const AgentCurve> curves,
                                              std::size_t most) {
  std::vector<double> steps;
  for (const AgentCurve& curve : curves) {
    for (const CurvePoint& point : curve) steps.push_back(point.steps);
  }
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  const std::size_t stride = (steps.size() + most - 1) / most;
  std::vector<std::size_t> next(curves.size(), 0);
  std::vector<PopulationPoint> result;
  // The last of each stride, so that the end is there.
  for (std::size_t i = steps.empty() ? 0 : (steps.size() - 1) % stride; i < steps.size();
       i += stride) {
    std::vector<double> values;
    for (std::size_t agent = 0; agent < curves.size(); ++agent) {
      const AgentCurve& curve = curves[agent];
      while (next[agent] < curve.size() && curve[next[agent]].steps <= steps[i]) ++next[agent];
      if (next[agent] > 0) values.push_back(curve[next[agent] - 1].value);
    }
    const Interval interval = interquartile_interval(values);
    result.push_back({steps[i], interquartile_mean(values), interval.low, interval.high});
  }
  return result;
}

}  // namespace polyak
