// A value for each thread of a warp.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace polyak::model {

inline constexpr int warp_lanes = 32;

/// A set of a warp's threads: lane i is bit i.
using Mask = std::uint32_t;
inline constexpr Mask all_lanes = ~Mask{0};

template <class T>
using PerLane = std::array<T, warp_lanes>;
using Lanes = PerLane<std::uint32_t>;
using WideLanes = PerLane<std::uint64_t>;

/// function(value of `from`, ...) for every lane.
template <class Result, class Function, class... Values>
PerLane<Result> map_lanes(const Function& function, const PerLane<Values>&... from) {
  PerLane<Result> result;
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) result[lane] = function(from[lane]...);
  return result;
}

/// The same with a condition as its result.
template <class Function, class... Values>
Mask mask_lanes(const Function& function, const PerLane<Values>&... from) {
  Mask result = 0;
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
    result |= static_cast<Mask>(function(from[lane]...)) << lane;
  }
  return result;
}

/// visit(lane) for every lane of a mask, in their order.
template <class Visit>
void for_each_lane(Mask mask, const Visit& visit) {
  for (; mask != 0; mask &= mask - 1) visit(static_cast<std::size_t>(std::countr_zero(mask)));
}

}  // namespace polyak::model
