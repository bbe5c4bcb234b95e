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
///   updates  made by every agent when the metrics were taken
std::optional<Divergence> find_divergence(std::span<const AgentMetrics> metrics,
                                          std::int64_t updates);

/// The first agent with a parameter that is not finite; parameters [agents, stride].
std::optional<Divergence> find_divergence(std::span<const float> parameters, std::size_t stride,
                                          std::int64_t updates);

/// "agent 3: the critic loss became NaN or infinite in update 120 (environment step 480)".
std::string describe(const Divergence& divergence, const Config& config);

}  // namespace polyak
