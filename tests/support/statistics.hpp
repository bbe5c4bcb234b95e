// Tests of hypotheses about random numbers. All seeds in the tests are fixed, so a test that passes
// once passes always; the p-values say how unlikely a false alarm was when the seed was chosen.
#pragma once

#include <cstdint>
#include <span>

namespace polyak::test {

/// P(X >= statistic) of a chi-squared variable (regularised upper incomplete gamma function).
double chi_squared_p_value(double statistic, double degrees_of_freedom);

/// p-value of Pearson's test that counts [bins] came from probabilities proportional to
/// weights [bins].
double chi_squared_test(std::span<const std::int64_t> counts, std::span<const double> weights);

/// The same for equally probable bins.
double chi_squared_test(std::span<const std::int64_t> counts);

/// p-value of the Kolmogorov-Smirnov test against the distribution function `cdf` (asymptotic, for
/// some hundred samples or more). Sorts the samples.
double kolmogorov_smirnov_test(std::span<float> samples, double (*cdf)(double));

/// Distribution function of the standard normal distribution.
double normal_cdf(double x);

}  // namespace polyak::test
