// How much one quantity goes with another, whatever the shape of what joins them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace polyak {

/// 1 for the smallest value; equal ones share the mean of their ranks. values: none NaN.
std::vector<double> average_ranks(std::span<const double> values);

struct RankCorrelation {
  double coefficient;  // -1 to 1; NaN of fewer than two pairs, or where one side never changes
  double low, high;    // 95% interval; NaN of fewer than four pairs
  std::size_t pairs;
};

/// Spearman's rank correlation. Pairs of which a value is NaN are left out; infinite ones have the
/// first or the last ranks. The interval is Fisher's, with the standard error of Bonett and Wright,
/// "Sample size requirements for estimating Pearson, Kendall and Spearman correlations",
/// Psychometrika 65 (2000).
RankCorrelation rank_correlation(std::span<const double> x, std::span<const double> y);

}  // namespace polyak
