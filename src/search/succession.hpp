// Population based training: who takes over from whom.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "search/search_options.hpp"

namespace polyak {

/// What a member of the population is after a selection. A member that goes on as it was has itself
/// for both.
struct Successor {
  int networks_from;  // whose networks (and, with AgentPart::everything, data) it has
  int settings_from;  // whose settings
  bool perturbed;     // of which it then tries a variation

  bool goes_on(int member) const { return networks_from == member && settings_from == member; }
  bool operator==(const Successor&) const = default;
};

/// The population's selections: every so many steps, in ascending order, from `first` on and below
/// `total`.
std::vector<std::int64_t> selection_steps(const std::vector<std::int64_t>& intervals,
                                          std::int64_t first, std::int64_t total);

/// The selection after `steps`, from the members' scores (minus infinity: failed).
///
/// With one interval, truncation selection (Jaderberg et al. 2017, section 4): of the ranked
/// members the last `quantile` take over networks and settings from one of the first `quantile`
/// each, drawn with (seed, steps), and vary the settings.
///
/// With several, multiple frequencies (Doulazmi et al. 2025): the population is divided into equal
/// parts, part i selects when `steps` is a multiple of intervals[i]. In a part the last quarter
/// takes over from the first, rank by rank, and varies. The third quarter is compared with the best
/// members of the other parts, each of which is taken once: who is worse takes over its networks
/// and, if its part selects less often, its settings; if it selects more often, the settings of the
/// own part's best.
///
/// Who would go on with values that are not finite, or take them over, takes over from the best
/// member instead and varies. Whoever somebody takes over from goes on as it was.
std::vector<Successor> successors(std::span<const double> scores, const PopulationOptions& options,
                                  const std::vector<std::int64_t>& intervals, std::int64_t steps,
                                  std::uint64_t seed);

}  // namespace polyak
