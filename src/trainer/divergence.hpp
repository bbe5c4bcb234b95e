// Values that stopped being finite: who, what, when.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "polyak/config.hpp"
#include "polyak/metrics.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// The non-finite values that the metrics tell of, one for each agent that had one, the earliest
/// first.
std::vector<Divergence> find_divergences(std::span<const AgentMetrics> metrics);

/// The environment steps that the agent had made when the value was seen.
std::int64_t environment_step(const NonFinite& value, const Config& config);

/// "agent 3: the critic loss became NaN or infinite in update 120 (environment step 480)".
std::string describe(const Divergence& divergence, const Config& config);

}  // namespace polyak
