#include "search/score_intervals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

constexpr double unknown_end = std::numeric_limits<double>::quiet_NaN();

/// Of so many values' signs about their true median: the number, counted from either end, of those
/// that may be given up so that what is between them has it with 95%; nothing to give up is 0.
std::size_t values_outside(std::size_t count) {
  double term = -static_cast<double>(count) * std::log(2.0);  // the logarithm of P(k values below)
  double below = 0.0;
  for (std::size_t k = 0; k < count / 2; ++k) {
    below += std::exp(term);
    if (below > 0.025) return k;
    term += std::log(static_cast<double>(count - k) / static_cast<double>(k + 1));
  }
  return count / 2;
}

}  // namespace

double student_quantile(std::size_t degrees) {
  if (degrees == 1) return 12.706204736432095;
  if (degrees == 2) return 4.302652729911275;
  // Abramowitz and Stegun 26.7.5, at the normal distribution's 97.5%.
  const double v = static_cast<double>(degrees);
  return 1.959963984540054 + (2.3722712 + (2.8225157 + (2.5558497 + 1.5895341 / v) / v) / v) / v;
}

ConfidenceInterval mean_interval(double mean, double standard_error, std::size_t values) {
  if (values < 2 || !std::isfinite(standard_error)) return {unknown_end, unknown_end};
  const double reach = student_quantile(values - 1) * standard_error;
  return {mean - reach, mean + reach};
}

std::optional<bool> differ(const ConfidenceInterval& one, const ConfidenceInterval& other) {
  const double halves = std::hypot(one.high - one.low, other.high - other.low) / 2.0;
  if (!std::isfinite(halves)) return {};
  return std::abs((one.low + one.high) - (other.low + other.high)) / 2.0 > halves;
}

MedianEstimate estimate_median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t outside = values_outside(values.size());
  const double middle = median(values);
  if (outside == 0) return {middle, {unknown_end, unknown_end}};
  return {middle, {values[outside - 1], values[values.size() - outside]}};
}

std::vector<RunningMedian> running_medians(std::span<const double> x, std::span<const double> y,
                                           std::size_t most) {
  constexpr std::size_t least = 15;
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isnan(x[i]) && !std::isnan(y[i])) pairs.emplace_back(x[i], y[i]);
  }
  if (pairs.size() < 2 * least) return {};
  std::sort(pairs.begin(), pairs.end());
  const std::size_t width = std::max(least, pairs.size() / 6);
  const std::size_t windows = std::min(most, pairs.size() - width + 1);
  std::vector<RunningMedian> result;
  for (std::size_t i = 0; i < windows; ++i) {
    const std::size_t begin = windows == 1 ? 0 : i * (pairs.size() - width) / (windows - 1);
    std::vector<double> window_x, window_y;
    for (std::size_t k = begin; k < begin + width; ++k) {
      window_x.push_back(pairs[k].first);
      window_y.push_back(pairs[k].second);
    }
    result.push_back({median(window_x), estimate_median(std::move(window_y))});
  }
  return result;
}

}  // namespace polyak
