// Single agents of a training's state: taken out, put in, copied, left out.
#pragma once

#include <span>
#include <vector>

#include "agent/agent.hpp"
#include "config/derived.hpp"
#include "polyak/population.hpp"

namespace polyak {

/// Whether an array of a training's state is of what agents have learned or of what they have seen
/// (AgentPart).
enum class ArrayOf { networks, data };

/// Whether arrays of this kind belong to the part.
bool has_part(AgentPart part, ArrayOf array_of);

/// The state of a population of one, agent `agent` of the `agents` in `state`; all but the part is
/// empty.
TrainingState agent_of(const TrainingState& state, int agents, int agent,
                       AgentPart part = AgentPart::everything);

/// The state of a smaller population: those of `range`.
TrainingState agents_of(const TrainingState& state, int agents, AgentRange range);

/// The other way round: one population of several, in their order. The counters are the first's.
TrainingState join_agents(std::vector<TrainingState> parts);

/// Makes agent `agent` that of `single`, the state of a population of one. What of its data is
/// empty stays as it is, and so do the counters. RunError if it is of another configuration.
void set_agent(TrainingState& state, int agents, int agent, const TrainingState& single);

/// Each pair's agent `to` takes over from `from`, in the order of the pairs.
void copy_agents(TrainingState& state, int agents, std::span<const AgentCopy> copies);

/// Leaves the first `kept` of the `agents`.
void keep_first_agents(TrainingState& state, int agents, int kept);

}  // namespace polyak
