// How far a training is, in iterations and in environment steps, and when something is due.
#pragma once

#include <algorithm>
#include <cstdint>

#include "config/derived.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

struct IterationCount {
  DerivedConfig derived;
  std::int64_t made = 0;  // iterations

  std::int64_t steps_after(std::int64_t count) const { return count * derived.steps_per_iteration; }
  std::int64_t updates_after(std::int64_t count) const {
    return std::max<std::int64_t>(0, count - derived.first_update_iteration) *
           derived.updates_per_iteration;
  }
  std::int64_t environment_steps() const { return steps_after(made); }
  std::int64_t updates() const { return updates_after(made); }
  bool is_complete() const { return made == derived.iterations; }

  /// The first iteration that reaches so many steps is the last of as many.
  std::int64_t iterations_to(std::int64_t steps) const {
    return (steps + derived.steps_per_iteration - 1) / derived.steps_per_iteration;
  }

  /// After how many iterations run() returns.
  std::int64_t end_of(const TrainerOptions& options) const {
    if (options.until_steps == 0) return derived.iterations;
    return std::min(derived.iterations, iterations_to(options.until_steps));
  }

  /// Iterations until the next multiple of one of the options' intervals in steps, until the
  /// updates begin, until the next change, or until the end.
  std::int64_t left(const TrainerOptions& options) const {
    std::int64_t fewest = end_of(options) - made;
    for (const std::int64_t step : options.change_steps) {
      const std::int64_t change = iterations_to(step);
      if (change > made) fewest = std::min(fewest, change - made);
    }
    // Iterations with updates take much longer: a slice that is short without them may not be.
    if (made < derived.first_update_iteration) {
      fewest = std::min(fewest, derived.first_update_iteration - made);
    }
    for (const std::int64_t interval :
         {options.report_steps, options.evaluation_steps, options.checkpoint_steps}) {
      if (interval == 0) continue;
      const std::int64_t next = (environment_steps() / interval + 1) * interval;
      fewest = std::min(fewest, iterations_to(next) - made);
    }
    return fewest;
  }

  /// Whether the newest iteration was the first to reach a multiple of the interval; 0: never.
  bool has_reached_multiple(std::int64_t interval) const {
    return interval > 0 && environment_steps() / interval >
                               (environment_steps() - derived.steps_per_iteration) / interval;
  }
};

}  // namespace polyak
