// Whether what is about to be allocated fits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/agent.hpp"

namespace polyak {

/// Who needs the memory, and what to do if there is too little.
struct MemoryRequest {
  std::string who;         // "this training"
  std::string advice;      // "use fewer agents"
  std::string place = {};  // " on NVIDIA H200"; empty: the host's memory
};

/// RunError with the bytes needed and available if the needs are more than `available`.
void require_memory(std::span<const MemoryNeed> needs, std::int64_t available,
                    const MemoryRequest& request);

/// Returns of `agents` policies from `starts` start states, and what is computed from them.
std::vector<MemoryNeed> evaluation_needs(std::int64_t agents, std::int64_t starts);

/// The arrays of Trajectories.
std::vector<MemoryNeed> trajectory_needs(const EnvironmentInfo& environment, std::int64_t starts,
                                         std::int64_t time_limit);

/// RunError if the host cannot hold an evaluation's returns, or the trajectories of a rollout and
/// their table as text.
void require_evaluation_memory(std::int64_t agents, std::int64_t starts);
void require_rollout_memory(const EnvironmentInfo& environment, std::int64_t starts,
                            std::int64_t time_limit);

}  // namespace polyak
