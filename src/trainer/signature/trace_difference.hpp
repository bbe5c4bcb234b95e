// Where two traces of the same training part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trainer/signature/trace.hpp"

namespace polyak {

/// One array in which they differ.
struct ArrayDifference {
  std::string array;
  std::string phase;        // of an iteration, that writes the first element that differs
  std::size_t differing;    // elements that differ in a bit
  std::size_t count;        // of all elements
  std::string element;      // the first one that differs, in words
  std::string left, right;  // its values: the fewest digits that read back exactly
  /// How many numbers of the type lie between, the second one included. Of a NaN, so many bit
  /// patterns.
  std::uint64_t distance;
  std::uint64_t largest_distance;  // of any element
};

/// The first step after which anything differs.
struct TraceDifference {
  std::optional<std::int64_t> iteration;  // 0: before the first; none: the evaluation at the end
  std::vector<ArrayDifference> arrays;    // in the order in which an iteration writes them
};

/// Nothing if they are the same to the last bit. UsageError if they are of different trainings.
std::optional<TraceDifference> first_difference(const Trace& left, const Trace& right);

}  // namespace polyak
