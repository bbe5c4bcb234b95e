// What an agent's environments and updates add up to, as the CPU back end reports it.
#pragma once

#include <cstdint>
#include <span>

#include "backend/cpu/ddpg_update.hpp"
#include "polyak/environment/vector_step.hpp"
#include "polyak/metrics.hpp"

namespace polyak::cpu {

/// The sums over an agent's environments, with the earliest step whose return was not finite; those
/// of the environments become zero.
EpisodeTotals take_totals(std::span<EpisodeTotals> environments);

/// All but the failures.
AgentMetrics make_metrics(const EpisodeTotals& episodes, const UpdateTotals& updates,
                          std::int64_t policy_actions);

}  // namespace polyak::cpu
