// Which value of an agent stopped being finite first.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "config/derived.hpp"
#include "polyak/config.hpp"
#include "polyak/environment/vector_step.hpp"
#include "polyak/metrics.hpp"

namespace polyak {

/// What a back end has seen of one agent since the last report.
struct AgentHealth {
  EpisodeTotals episodes;
  std::optional<NonFinite> loss;  // the first loss that was not finite
  bool parameters_finite;         // the networks' now
  std::int64_t updates;           // made so far
};

/// The first of the agent's values that was NaN or infinite. A reward comes before the updates that
/// follow its step; a parameter is to blame only if nothing showed before the report.
std::optional<NonFinite> first_failure(const AgentHealth& health, const DerivedConfig& derived);

/// Whether none of the values is NaN or infinite.
bool all_finite(std::span<const float> values);

}  // namespace polyak
