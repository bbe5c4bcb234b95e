#pragma once

// Shuffles, votes and warp reductions under CUDA's names.

#include "emulator/engine/thread_context.hpp"
#include "emulator/engine/warp_operations.hpp"
#include "emulator/error.hpp"

namespace polyak::emulator {

inline unsigned current_lane() { return current_thread_context->lane; }

/// First lane of the segment of `width` lanes that `lane` belongs to; `width` is a power of two.
inline unsigned segment_start(unsigned lane, int width) {
  return lane & ~(static_cast<unsigned>(width) - 1);
}

/// Combines the values of the lanes in the mask, from the lowest lane to the highest.
template <class T, class Combine>
T reduce_over_lanes(unsigned mask, T value, Combine combine, Site site) {
  const Gathered<T> values = gather(mask, value, site);
  bool first = true;
  T result = value;
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    if ((mask >> lane & 1) == 0) continue;
    result = first ? values[lane] : combine(result, values[lane]);
    first = false;
  }
  return result;
}

}  // namespace polyak::emulator

template <class T>
T __shfl_sync(
    unsigned mask, T value, int source, int width = 32,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  const unsigned start = polyak::emulator::segment_start(polyak::emulator::current_lane(), width);
  const unsigned offset = static_cast<unsigned>(source) & (static_cast<unsigned>(width) - 1);
  return polyak::emulator::exchange(mask, value, start + offset, {"__shfl_sync", where});
}

template <class T>
T __shfl_xor_sync(
    unsigned mask, T value, int lane_mask, int width = 32,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  const unsigned lane = polyak::emulator::current_lane();
  const unsigned end = polyak::emulator::segment_start(lane, width) + static_cast<unsigned>(width);
  const unsigned partner = lane ^ static_cast<unsigned>(lane_mask);
  const unsigned source = partner < end ? partner : lane;
  return polyak::emulator::exchange(mask, value, source, {"__shfl_xor_sync", where});
}

template <class T>
T __shfl_down_sync(
    unsigned mask, T value, unsigned delta, int width = 32,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  const unsigned lane = polyak::emulator::current_lane();
  const unsigned end = polyak::emulator::segment_start(lane, width) + static_cast<unsigned>(width);
  const unsigned source = lane + delta < end ? lane + delta : lane;
  return polyak::emulator::exchange(mask, value, source, {"__shfl_down_sync", where});
}

template <class T>
T __shfl_up_sync(
    unsigned mask, T value, unsigned delta, int width = 32,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  const unsigned lane = polyak::emulator::current_lane();
  const unsigned start = polyak::emulator::segment_start(lane, width);
  const unsigned source = lane >= start + delta ? lane - delta : lane;
  return polyak::emulator::exchange(mask, value, source, {"__shfl_up_sync", where});
}

inline unsigned __ballot_sync(
    unsigned mask, int predicate,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  const std::uint64_t input = predicate != 0 ? 1 : 0;
  std::uint64_t output = 0;
  polyak::emulator::perform_warp_operation(
      {polyak::emulator::WarpOperation::vote, mask, 0, 1, &input, &output},
      {"__ballot_sync", where});
  return static_cast<unsigned>(output);
}

inline int __any_sync(
    unsigned mask, int predicate,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  return __ballot_sync(mask, predicate, where) != 0 ? 1 : 0;
}

inline int __all_sync(
    unsigned mask, int predicate,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  return __ballot_sync(mask, predicate == 0 ? 1 : 0, where) == 0 ? 1 : 0;
}

/// The lanes that have not left the kernel. A real device may name fewer: those that happen to
/// run together.
inline unsigned __activemask() { return polyak::emulator::live_lanes(); }

template <class T>
T __reduce_add_sync(
    unsigned mask, T value,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  return polyak::emulator::reduce_over_lanes(mask, value, [](T a, T b) { return a + b; },
                                             {"__reduce_add_sync", where});
}

template <class T>
T __reduce_min_sync(
    unsigned mask, T value,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  return polyak::emulator::reduce_over_lanes(mask, value, [](T a, T b) { return b < a ? b : a; },
                                             {"__reduce_min_sync", where});
}

template <class T>
T __reduce_max_sync(
    unsigned mask, T value,
    polyak::emulator::SourceLocation where = polyak::emulator::SourceLocation::current()) {
  return polyak::emulator::reduce_over_lanes(mask, value, [](T a, T b) { return a < b ? b : a; },
                                             {"__reduce_max_sync", where});
}
