#include "search/rank_correlation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace polyak {
namespace {

/// Pearson's correlation; NaN where one side never changes.
double linear_correlation(std::span<const double> x, std::span<const double> y) {
  const auto count = static_cast<double>(x.size());
  const double x_mean = std::accumulate(x.begin(), x.end(), 0.0) / count;
  const double y_mean = std::accumulate(y.begin(), y.end(), 0.0) / count;
  double both = 0.0, of_x = 0.0, of_y = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    both += (x[i] - x_mean) * (y[i] - y_mean);
    of_x += (x[i] - x_mean) * (x[i] - x_mean);
    of_y += (y[i] - y_mean) * (y[i] - y_mean);
  }
  if (!(of_x > 0.0 && of_y > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  return std::clamp(both / std::sqrt(of_x * of_y), -1.0, 1.0);
}

}  // namespace

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = shared;
  }
  return ranks;
}

RankCorrelation rank_correlation(std::span<const double> x, std::span<const double> y) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  constexpr double normal_quantile = 1.959963984540054;  // 97.5%
  std::vector<double> left, right;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) continue;
    left.push_back(x[i]);
    right.push_back(y[i]);
  }
  RankCorrelation result{none, none, none, left.size()};
  if (left.size() < 2) return result;
  const double r = linear_correlation(average_ranks(left), average_ranks(right));
  result.coefficient = r;
  if (left.size() < 4 || std::isnan(r)) return result;
  const double error = std::sqrt((1.0 + 0.5 * r * r) / (static_cast<double>(left.size()) - 3.0));
  // At -1 and 1 both ends are there, too.
  result.low = std::tanh(std::atanh(r) - normal_quantile * error);
  result.high = std::tanh(std::atanh(r) + normal_quantile * error);
  return result;
}

}  // namespace polyak
