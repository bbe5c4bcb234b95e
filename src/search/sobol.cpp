#include "search/sobol.hpp"

#include <boost/random/sobol.hpp>

#include "polyak/core/philox.hpp"

namespace polyak {
namespace {

constexpr int digits = 32;

/// Nested uniform scrambling: whether a binary digit is flipped depends, at random, on all digits
/// before it.
std::uint32_t scramble(std::uint32_t point, const PhiloxRandom& random, std::uint32_t dimension) {
  std::uint32_t flipped = 0;
  for (int digit = 0; digit < digits; ++digit) {
    // The digits before it, behind a one that says how many they are.
    const std::uint64_t before = ((std::uint64_t{1} << digits) | point) >> (digits - digit);
    const std::uint32_t flip = random(dimension, before, Purpose::search_scramble).x & 1u;
    flipped |= flip << (digits - 1 - digit);
  }
  return point ^ flipped;
}

}  // namespace

std::vector<double> scrambled_sobol_point(std::size_t dimensions, std::uint64_t seed,
                                          std::int64_t index) {
  std::vector<std::uint32_t> point(dimensions, 0);
  // The library leaves out the first point, which is zero.
  if (index > 0) {
    boost::random::sobol_engine<std::uint32_t, digits> sequence(dimensions);
    sequence.seed(static_cast<std::uint32_t>(index - 1));
    sequence.generate(point.begin(), point.end());
  }
  const PhiloxRandom random{seed};
  std::vector<double> coordinates;
  for (std::size_t dimension = 0; dimension < dimensions; ++dimension) {
    const std::uint32_t word =
        scramble(point[dimension], random, static_cast<std::uint32_t>(dimension));
    coordinates.push_back(static_cast<double>(word) * 0x1p-32);
  }
  return coordinates;
}

}  // namespace polyak
