// Successive halving: after how many steps trials are compared, and which of them go on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "polyak/config.hpp"

namespace polyak {

/// The steps at which all trials are compared first: a twenty-seventh of a training, but not before
/// half as many steps again as it takes to begin with learning.
std::int64_t default_first_rung(const Config& config);

/// Environment steps after which a trial's score says something of its settings: it has learned
/// for half as long as it has waited for it.
std::int64_t earliest_comparison(const Config& config);

/// Environment steps per agent: `total` divided by powers of `reduction`, as long as that is at
/// least `first`, in ascending order; the last is `total`. Jamieson & Talwalkar 2016.
std::vector<std::int64_t> rung_steps(std::int64_t total, double reduction, std::int64_t first);

/// Which of the trials that have just been scored at a rung go on: those among the best
/// 1/reduction, rounded up, of all scores that the rung has seen, `before` and these; of equal ones
/// the first. Failures (minus infinity) never do. With scores from before this is the stopping rule
/// of asynchronous successive halving (Li et al. 2020, as in Ray Tune's ASHAScheduler).
std::vector<bool> survivors(std::span<const double> before, std::span<const double> scores,
                            double reduction);

}  // namespace polyak
