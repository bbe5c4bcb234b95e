// Settings out of a space. Each is a function of the space, the seed and its number alone, so that
// a search can be resumed, and shared between machines.
#pragma once

#include <cstdint>
#include <string_view>

#include "search/space.hpp"

namespace polyak {

/// How a search covers its space: every combination of some values of each field; independent
/// random draws; or Sobol's sequence, which leaves fewer gaps than those, scrambled by the seed.
enum class Sampler { grid, random, sobol };

std::string_view to_string(Sampler value);
/// The sampler of this name; UsageError with the names that there are.
Sampler parse_sampler(std::string_view text);

/// Beyond this a grid is not counted.
inline constexpr std::int64_t largest_grid = 1'000'000;

/// How many settings the grid has, at most largest_grid: those of every field's choices, and of
/// range's grid_points, that differ. A field whose condition does not hold multiplies nothing.
std::int64_t grid_size(const Space& space);

/// Setting `index` from 0 on, below grid_size in a grid, where the last field varies fastest, and
/// below 2^32 in Sobol's sequence: UsageError beyond. Sobol's first 2^k settings have, of every
/// searched field, one value in each of 2^k equal parts of what it may be. A field takes its random
/// number, or its dimension, whether or not its condition holds, so that others do not move.
Setting setting_at(const Space& space, Sampler sampler, std::uint64_t seed, std::int64_t index);

/// How often perturbed() draws a field again instead of moving it.
inline constexpr double resampling_probability = 0.25;

/// What population based training tries next to a good setting (Jaderberg et al. 2017, section 4):
/// every searched field in which a population may mix is drawn again, with resampling_probability,
/// or moved: a number of a range is multiplied by 0.8 or by 1.25 (a whole one moves by at least 1)
/// and kept in the range, a choice becomes one beside it in the list. Fields that come to apply are
/// drawn, and those that no longer do are left out. A function of its arguments: `counter` says
/// which of a search's perturbations it is.
Setting perturbed(const Space& space, const Setting& setting, std::uint64_t seed,
                  std::uint64_t counter);

}  // namespace polyak
