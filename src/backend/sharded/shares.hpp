// Who trains which agents of a population.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "config/derived.hpp"

namespace polyak {

/// Where a share of the agents can be trained.
struct ShardPlace {
  Device device;  // which the share's configuration says there
  int threads;    // the same
  /// RunError with the bytes needed and available if the share does not fit.
  std::function<void(const Config& share)> require_memory;
  /// A training of the share, in the state initial_state(share).
  std::function<std::unique_ptr<Backend>(const Config& share)> make;
};

/// Where trainings are trained in a program of several processes, with the device of `config`.
using TrainingPlaces = std::function<std::vector<ShardPlace>(const Config& config)>;
void set_training_places(TrainingPlaces places);
/// Empty unless they have been set: by this process alone.
const TrainingPlaces& training_places();

/// The agents in equal shares for so many places, in order; no more of them than there are agents.
std::vector<AgentRange> ranges_at(const Config& config, std::size_t places);

/// The configuration of some agents at a place.
Config share_at(const ShardPlace& place, const Config& config, AgentRange agents);

/// Those of all agents, in equal shares.
std::vector<Config> shares_at(const Config& config, std::span<const ShardPlace> places);

}  // namespace polyak
