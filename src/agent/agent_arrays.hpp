// Single agents of a training's state: taken out, put in, copied, left out.
#pragma once

#include <span>

#include "agent/agent.hpp"
#include "polyak/population.hpp"

namespace polyak {

/// Whether an array of a training's state is of what agents have learned or of what they have seen
/// (AgentPart).
enum class ArrayOf { networks, data };

/// The state of a population of one: agent `agent` of the `agents` in `state`.
TrainingState agent_of(const TrainingState& state, int agents, int agent);

/// Makes agent `agent` that of `single`, the state of a population of one. RunError if it is of
/// another configuration. The counters stay.
void set_agent(TrainingState& state, int agents, int agent, const TrainingState& single);

/// Each pair's agent `to` takes over from `from`, in the order of the pairs.
void copy_agents(TrainingState& state, int agents, std::span<const AgentCopy> copies);

/// Leaves the first `kept` of the `agents`.
void keep_first_agents(TrainingState& state, int agents, int kept);

}  // namespace polyak
