#include "polyak/core/observation_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <span>
#include <vector>

namespace polyak {
namespace {

/// By the definitions, in extended precision.
Moments moments_of(std::span<const double> values) {
  long double sum = 0.0L, squares = 0.0L;
  for (const double value : values) sum += value;
  const long double mean = values.empty() ? 0.0L : sum / static_cast<long double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {static_cast<double>(mean), static_cast<double>(squares)};
}

TEST(MergeMoments, GivesThoseOfAllValuesTogether) {
  std::mt19937_64 generator(5);
  // Far from zero, where the difference of two sums of squares would be lost.
  std::normal_distribution<double> normal(1e6, 2.0);
  std::vector<double> values(2000);
  for (double& value : values) value = normal(generator);
  Moments merged{0.0, 0.0};
  std::size_t count = 0;
  for (const std::size_t more : {0, 1, 1, 31, 967, 1000}) {
    const std::span<const double> added(values.data() + count, more);
    if (count + more > 0) {
      merged = merge_moments(static_cast<double>(count), merged, static_cast<double>(more),
                             moments_of(added));
    }
    count += more;
    const Moments expected = moments_of({values.data(), count});
    EXPECT_NEAR(merged.mean, expected.mean, 1e-8);
    EXPECT_NEAR(merged.squares, expected.squares, 1e-6 * (1.0 + expected.squares));
  }
  ASSERT_EQ(count, values.size());
}

TEST(ObservationScale, IsOneOverTheStandardDeviation) {
  EXPECT_FLOAT_EQ(observation_scale(10.0, {3.0, 40.0}), 0.5f);
  EXPECT_EQ(observation_scale(0.0, {0.0, 0.0}), 1.0f) << "nothing seen yet";
  EXPECT_FLOAT_EQ(observation_scale(5.0, {3.0, 0.0}), 1e4f) << "a constant";
}

TEST(ObservationNormaliser, SubtractsTheMeanAndScales) {
  const float mean[] = {1.0f, -2.0f}, scale[] = {0.5f, 10.0f};
  const ObservationNormaliser normalise{mean, scale};
  EXPECT_EQ(normalise(0, 3.0f), 1.0f);
  EXPECT_EQ(normalise(1, -1.5f), 5.0f);
  EXPECT_EQ((ObservationNormaliser{nullptr, nullptr}(1, 0.3f)), 0.3f);
}

}  // namespace
}  // namespace polyak
