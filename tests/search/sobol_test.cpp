#include "search/sobol.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <utility>

namespace polyak {
namespace {

std::uint32_t digits_of(double coordinate, int count) {
  return static_cast<std::uint32_t>(std::ldexp(coordinate, count));
}

TEST(Sobol, EveryPowerOfTwoOfPointsFillsEveryDimensionEvenly) {
  constexpr std::size_t dimensions = 70;
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{0xffffffffffffffff}}) {
    for (const int power : {0, 1, 4, 8}) {
      std::vector<std::set<std::uint32_t>> parts(dimensions);
      for (std::int64_t i = 0; i < std::int64_t{1} << power; ++i) {
        const std::vector<double> point = scrambled_sobol_point(dimensions, seed, i);
        ASSERT_EQ(point.size(), dimensions);
        for (std::size_t d = 0; d < dimensions; ++d) parts[d].insert(digits_of(point[d], power));
      }
      for (std::size_t d = 0; d < dimensions; ++d) {
        EXPECT_EQ(parts[d].size(), std::size_t{1} << power) << "dimension " << d;
        EXPECT_LT(*parts[d].rbegin(), std::uint32_t{1} << power);
      }
    }
  }
}

// The first two dimensions are a (0, 8, 2)-net: every box of area 2^-8 that has powers of two for
// sides has one of 2^8 points. Scrambling keeps that only if it is nested.
TEST(Sobol, TheFirstTwoDimensionsAreANet) {
  for (const std::uint64_t seed : {5u, 6u}) {
    for (int across = 0; across <= 8; ++across) {
      std::set<std::pair<std::uint32_t, std::uint32_t>> boxes;
      for (int i = 0; i < 256; ++i) {
        const std::vector<double> point = scrambled_sobol_point(2, seed, i);
        boxes.emplace(digits_of(point[0], across), digits_of(point[1], 8 - across));
      }
      EXPECT_EQ(boxes.size(), 256u) << across;
    }
  }
}

TEST(Sobol, SeedsScrambleAllDigitsAndNotAllPointsAlike) {
  std::set<std::uint32_t> differences;
  double sum = 0.0;
  constexpr int count = 256;
  for (int i = 0; i < count; ++i) {
    const double one = scrambled_sobol_point(1, 1, i)[0], other = scrambled_sobol_point(1, 2, i)[0];
    differences.insert(digits_of(one, 8) ^ digits_of(other, 8));
    sum += scrambled_sobol_point(1, 1000u + static_cast<std::uint64_t>(i), 0)[0];
  }
  EXPECT_GT(differences.size(), 16u) << "a shift of all digits would have one";
  EXPECT_NEAR(sum / count, 0.5, 5.0 * std::sqrt(1.0 / 12.0 / count)) << "of the first point";
}

TEST(Sobol, DimensionsAreScrambledByThemselves) {
  const std::vector<double> first = scrambled_sobol_point(3, 1, 0);
  EXPECT_NE(first[0], first[1]);
  EXPECT_NE(first[1], first[2]);
  EXPECT_EQ(scrambled_sobol_point(2, 1, 0)[1], first[1]) << "however many there are";
}

}  // namespace
}  // namespace polyak
