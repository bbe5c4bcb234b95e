// Sobol's sequence, scrambled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace polyak {

/// So many points there are.
inline constexpr std::int64_t sobol_points = std::int64_t{1} << 32;

/// Point `index` (below sobol_points) of the sequence in so many dimensions, each coordinate from 0
/// up to below 1. Direction numbers of Joe & Kuo 2008; every dimension has its digits scrambled as
/// in Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences", 1995, by the seed.
std::vector<double> scrambled_sobol_point(std::size_t dimensions, std::uint64_t seed,
                                          std::int64_t index);

}  // namespace polyak
