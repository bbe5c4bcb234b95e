// Where a number of a training's state is, in words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "polyak/config.hpp"

namespace polyak {

/// What an element of a named array is, and which phase of an iteration writes it.
struct Place {
  std::string phase;    // "collecting: acting", "critic update", ...
  std::string element;  // "agent 0, layer 1, weight [3, 4]"
};

/// Of an array of a training's state, as state_arrays names it.
Place place_of(const Config& config, std::string_view array, std::size_t index);

/// In which order an iteration of `config` writes the arrays of a training's state: 0, 1, ...; of
/// those that are equal the order of state_arrays counts.
int writing_order(const Config& config, std::string_view array);

}  // namespace polyak
