// Single agents of a training on the device: to the host, from it, and to each other's places.
#pragma once

#include <span>

#include "backend/cuda/training_buffers.hpp"
#include "polyak/population.hpp"

namespace polyak::cuda {

/// Waits for the stream and copies one of the `agents`, replay included, to the host: the state of
/// a population of one.
TrainingState download_agent(const TrainingBuffers& training, int agents, int agent,
                             const Stream& stream);

/// Makes an agent that of `state`, and waits. RunError if it is of another configuration. The
/// counters stay.
void upload_agent(const TrainingState& state, int agents, int agent,
                  const TrainingBuffers& training, const Stream& stream);

/// Backend::copy_agents; waits.
void copy_agents(std::span<const AgentCopy> copies, int agents, const TrainingBuffers& training,
                 const Stream& stream);

/// Leaves the first `kept` of the `agents`: every array becomes shorter, where it is. The stream
/// must have been waited for.
void keep_first_agents(TrainingBuffers& training, int agents, int kept);

}  // namespace polyak::cuda
