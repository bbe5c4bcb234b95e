// Which trials of a search are trained together here: of one shape, and as many as there is room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "polyak/config.hpp"

namespace polyak {

/// Whether there is memory for a training, beside those that are in it already.
bool fits(const Config& config);

/// The largest number up to `most`, at least 1, found by halving, whose population fits;
/// `population` makes its configuration.
template <class Population>
std::size_t largest_that_fits(std::size_t most, const Population& population) {
  while (most > 1 && !fits(population(most))) most = (most + 1) / 2;
  return most;
}

/// The trials' indices in groups that train as one population each, with every seed: groups of one
/// shape (shape_groups), in pieces where one population would have more than largest_population
/// agents or need more memory than there is. A single trial is a group even if it does not fit.
std::vector<std::vector<std::size_t>> population_groups(std::span<const Config> trials,
                                                        std::span<const std::uint64_t> seeds);

/// RunError with the numbers of bytes if one of the trials, with every seed, does not fit alone.
void require_room_for_each(std::span<const Config> trials, std::span<const std::uint64_t> seeds);

}  // namespace polyak
