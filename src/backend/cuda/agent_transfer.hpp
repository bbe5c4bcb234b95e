// Single agents of a training on the device: to the host, from it, and to each other's places.
#pragma once

#include <span>

#include "backend/cuda/training_buffers.hpp"
#include "polyak/population.hpp"

namespace polyak::cuda {

/// Waits for the stream and copies a part of one of the `agents` to the host: the state of a
/// population of one, all else empty.
TrainingState download_agent(const TrainingBuffers& training, int agents, int agent, AgentPart part,
                             const Stream& stream);

/// Makes an agent that of `state`, and waits. What of its data is empty stays as it is, and so do
/// the counters. RunError if it is of another configuration.
void upload_agent(const TrainingState& state, int agents, int agent,
                  const TrainingBuffers& training, const Stream& stream);

/// Backend::copy_agents; waits.
void copy_agents(std::span<const AgentCopy> copies, int agents, const TrainingBuffers& training,
                 const Stream& stream);

/// Leaves the first `kept` of the `agents`: every array becomes shorter, where it is. The stream
/// must have been waited for.
void keep_first_agents(TrainingBuffers& training, int agents, int kept);

}  // namespace polyak::cuda
