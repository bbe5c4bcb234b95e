// The values that a field of a space may have.
#pragma once

#include <string>
#include <vector>

#include "search/space.hpp"

namespace polyak {

/// The value at `coordinate`, from 0 up to below 1: equal parts of that are equally likely choices,
/// equally likely whole numbers (of a logarithmic range in proportion to the logarithms between the
/// halves around each), or equal parts of a range on its scale. The same text on every machine:
/// only operations are used that IEEE 754 fixes.
std::string value_at(const SpaceField& field, double coordinate);

/// The values that a grid takes: all choices, or the range's grid_points, the ends included; whole
/// numbers that are the same once rounded count once.
std::vector<std::string> grid_values(const SpaceField& field);

/// `number` as the field holds it, the range's nearer end if it lies outside of it.
std::string range_text(const SpaceRange& range, double number);

}  // namespace polyak
