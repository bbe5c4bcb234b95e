// Values that stopped being finite: who, what, when.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "polyak/config.hpp"
#include "polyak/metrics.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// The earliest non-finite value that the metrics tell of.
std::optional<Divergence> find_divergence(std::span<const AgentMetrics> metrics);

/// The environment steps that the agent had made when the value was seen.
std::int64_t environment_step(const NonFinite& value, const Config& config);

/// "agent 3: the critic loss became NaN or infinite in update 120 (environment step 480)".
std::string describe(const Divergence& divergence, const Config& config);

}  // namespace polyak
