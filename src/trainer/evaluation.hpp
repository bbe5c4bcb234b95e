// Judging policies: start states, statistics of returns, regret.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace polyak {

/// A mean and how well it is known.
struct Estimate {
  double mean;
  double standard_error;  // NaN for fewer than two values
};
Estimate estimate(std::span<const double> values);

/// Of an even number of values, the mean of the middle two. values: at least one.
double median(std::vector<double> values);

/// What many returns say of a policy.
struct ReturnStatistics {
  std::int64_t episodes;
  double mean, standard_error, median, worst, best;
};
/// returns: at least one.
ReturnStatistics summarise_returns(std::span<const float> returns);

/// Best known return minus return, for each start state.
std::vector<double> regrets(std::span<const float> returns, std::span<const double> best_returns);

/// Start states drawn from the environment's reset distribution: [count, state_size]. The same for
/// the same seed, and never those of a training with that seed.
std::vector<float> draw_starts(const std::string& environment, std::span<const float> parameters,
                               std::uint64_t seed, std::int64_t count);

}  // namespace polyak
