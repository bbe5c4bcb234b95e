// How well scores are known: 95% intervals of means and medians.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace polyak {

struct ConfidenceInterval {
  double low, high;  // NaN where so few values say nothing
};

/// The 97.5% quantile of Student's distribution, to 0.2%. degrees: at least 1.
double student_quantile(std::size_t degrees);

/// Student's interval of a mean of so many values; NaN for fewer than two.
ConfidenceInterval mean_interval(double mean, double standard_error, std::size_t values);

/// Whether the difference of two means is more than their intervals explain: beyond the root of the
/// sum of the squares of the intervals' halves. Nothing where one of them is not known.
std::optional<bool> differ(const ConfidenceInterval& one, const ConfidenceInterval& other);

struct MedianEstimate {
  double median;
  ConfidenceInterval interval;
};

/// The median between those two of the values between which the true one lies with at least 95%,
/// whatever the values' distribution (Conover, Practical Nonparametric Statistics, 3.2); NaN for
/// fewer than six. values: at least one, none NaN.
MedianEstimate estimate_median(std::vector<double> values);

/// What is typical of y about an x.
struct RunningMedian {
  double x;
  MedianEstimate y;
};

/// The medians of y in windows along x, at most so many of them: each of at least 15 pairs and a
/// sixth of all, at its own median of x. Pairs of which a value is NaN are left out; nothing of
/// fewer than 30.
std::vector<RunningMedian> running_medians(std::span<const double> x, std::span<const double> y,
                                           std::size_t most);

}  // namespace polyak
