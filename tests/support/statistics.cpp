#include "support/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

namespace polyak::test {
namespace {

/// Q(a, x) by its power series, for x < a + 1, or its continued fraction (Lentz), otherwise.
double upper_incomplete_gamma(double a, double x) {
  constexpr double tiny = 1e-300, precision = 1e-14;
  if (x <= 0.0) return 1.0;
  const double front = std::exp(-x + a * std::log(x) - std::lgamma(a));
  if (x < a + 1.0) {
    double term = 1.0 / a, sum = term;
    for (double n = a + 1.0; term > sum * precision; n += 1.0) sum += term *= x / n;
    return 1.0 - sum * front;
  }
  double b = x + 1.0 - a, c = 1.0 / tiny, d = 1.0 / b, fraction = d;
  for (int i = 1; i < 100000; ++i) {
    const double numerator = -i * (i - a);
    b += 2.0;
    d = 1.0 / std::max(numerator * d + b, tiny);
    c = std::max(b + numerator / c, tiny);
    const double factor = d * c;
    fraction *= factor;
    if (std::abs(factor - 1.0) < precision) break;
  }
  return front * fraction;
}

}  // namespace

double chi_squared_p_value(double statistic, double degrees_of_freedom) {
  return upper_incomplete_gamma(degrees_of_freedom / 2.0, statistic / 2.0);
}

double chi_squared_test(std::span<const std::int64_t> counts, std::span<const double> weights) {
  if (counts.size() != weights.size() || counts.size() < 2) {
    throw std::invalid_argument("chi_squared_test: needs two or more bins and a weight for each");
  }
  double total_count = 0.0, total_weight = 0.0, statistic = 0.0;
  for (const std::int64_t count : counts) total_count += static_cast<double>(count);
  for (const double weight : weights) total_weight += weight;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = total_count * weights[i] / total_weight;
    if (expected < 5.0) throw std::invalid_argument("chi_squared_test: fewer than 5 in a bin");
    const double difference = static_cast<double>(counts[i]) - expected;
    statistic += difference * difference / expected;
  }
  return chi_squared_p_value(statistic, static_cast<double>(counts.size() - 1));
}

double chi_squared_test(std::span<const std::int64_t> counts) {
  return chi_squared_test(counts, std::vector<double>(counts.size(), 1.0));
}

double kolmogorov_smirnov_test(std::span<float> samples, double (*cdf)(double)) {
  std::sort(samples.begin(), samples.end());
  const double n = static_cast<double>(samples.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double expected = cdf(static_cast<double>(samples[i]));
    const double below = static_cast<double>(i) / n, above = static_cast<double>(i + 1) / n;
    distance = std::max({distance, expected - below, above - expected});
  }
  // Stephens' correction makes Kolmogorov's limit good for small samples too.
  const double lambda = (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)) * distance;
  double p = 0.0;
  for (int k = 1; k <= 100; ++k) {
    p += (k % 2 == 1 ? 2.0 : -2.0) * std::exp(-2.0 * k * k * lambda * lambda);
  }
  return std::clamp(p, 0.0, 1.0);
}

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

}  // namespace polyak::test
