#include "trainer/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "polyak/environment/registry.hpp"

namespace polyak {

Estimate estimate(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double standard_error = values.size() < 2 ? std::numeric_limits<double>::quiet_NaN()
                                                  : std::sqrt(squares / (count - 1.0) / count);
  return {mean, standard_error};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

ReturnStatistics summarise_returns(std::span<const float> returns) {
  std::vector<double> sorted(returns.begin(), returns.end());
  std::sort(sorted.begin(), sorted.end());
  const auto [mean, standard_error] = estimate(sorted);
  return {static_cast<std::int64_t>(sorted.size()),
          mean,
          standard_error,
          median(sorted),
          sorted.front(),
          sorted.back()};
}

std::vector<double> regrets(std::span<const float> returns, std::span<const double> best_returns) {
  std::vector<double> result(returns.size());
  for (std::size_t i = 0; i < returns.size(); ++i) {
    result[i] = best_returns[i] - static_cast<double>(returns[i]);
  }
  return result;
}

std::vector<float> draw_starts(const std::string& environment, std::span<const float> parameters,
                               std::uint64_t seed, std::int64_t count) {
  const PhiloxRandom random{seed};
  return visit_environment(environment, [&]<class E>() {
    const auto values = parameters_from<E>(parameters);
    std::vector<float> starts(static_cast<std::size_t>(count) * E::state_size);
    for (std::int64_t i = 0; i < count; ++i) {
      const typename E::State state =
          E::reset(values, environment_random(random, i, 0, Purpose::evaluation_reset));
      std::memcpy(&starts[static_cast<std::size_t>(i) * E::state_size], &state, sizeof state);
    }
    return starts;
  });
}

}  // namespace polyak
