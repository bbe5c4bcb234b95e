// Times an operation on the device.
#pragma once

#include <optional>
#include <string>

#include "app/bench/phases.hpp"
#include "micro/operation.hpp"

namespace polyak::bench {

/// What came out.
struct OperationResult {
  std::string name, shape;
  Bound bound;
  double amount;
  std::string thing;
  RateSamples launches;  // per second

  double median_seconds() const { return 1.0 / launches.median(); }
  double median_rate() const { return amount * launches.median(); }
};

/// Launches come from a replayed graph, as in a training, so the host's launching does not count.
/// The first repetition, which warms up caches and clocks, does not count either.
OperationResult measure(const Operation& operation, const MeasureOptions& options);

}  // namespace polyak::bench
