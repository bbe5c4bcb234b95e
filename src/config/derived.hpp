// What follows from a configuration: sizes, counts, and each agent's own settings.
#pragma once

#include <cstdint>
#include <vector>

#include "polyak/config.hpp"
#include "polyak/core/exploration.hpp"
#include "polyak/core/n_step.hpp"
#include "polyak/core/sequence.hpp"

namespace polyak {

/// Quantities that follow from a configuration.
struct DerivedConfig {
  std::int64_t updates_per_iteration;
  int vector_steps_per_iteration;       // steps_per_iteration, 0 resolved
  std::int64_t steps_per_iteration;     // environment steps per agent and iteration
  std::int64_t iterations;              // to reach total_steps, rounded up
  std::int64_t warmup_iterations;       // iterations whose actions are random
  std::int64_t first_update_iteration;  // iterations before this one make no update
  std::int64_t updates;                 // of the whole training
  std::int64_t rows_per_environment;    // replay rows allocated per environment
  int time_limit;
  int evaluation_time_limit;
};
DerivedConfig derive(const Config& config);

/// Over how many updates the learning rates fall to zero; 0: they stay as they are.
std::int64_t learning_rate_decay_updates(const Config& config);

/// What is due in an update besides the critic's learning.
struct DueInUpdate {
  bool actor, targets;
};
/// For update `update`, 0 for the first.
DueInUpdate due_in_update(const Config& config, std::int64_t update);

/// How agent `agent` explores.
ExplorationPlan exploration_plan(const Config& config, int agent);

/// How agent `agent` makes returns of rewards.
ReturnSettings return_settings(const Config& config, int agent);

/// How recurrent agents cut sequences out of their replay. All agents look equally far ahead, so
/// that all sequences are of one shape.
SequenceSettings sequence_settings(const Config& config);

/// Whether the policy has a memory, and learns from sequences.
inline bool is_recurrent(const Config& config) { return config.policy != PolicyKind::feed_forward; }

/// Whether the replay keeps recurrent states, those of the critics too.
inline bool stores_states(const Config& config) {
  return is_recurrent(config) && config.sequence_start == SequenceStart::stored;
}

/// Whether `updates` is a positive whole number but for rounding.
bool is_whole_updates(double updates);

/// The environment's parameters, defaults replaced by those given as "name=value".
std::vector<float> environment_parameter_values(const Config& config);

/// The seed of agent `agent`: its own value if several are given, otherwise the first plus `agent`.
std::uint64_t agent_seed(const Config& config, int agent);

inline constexpr int largest_population = 65535;  // agents

/// Agents first ... first + count - 1 of a population.
struct AgentRange {
  int first, count;
};

/// The population in `shares` parts, in order; the first ones have one agent more where they cannot
/// be equal. shares <= agents.
std::vector<AgentRange> equal_shares(int agents, int shares);

/// A configuration for some agents alone, which gives them the bits they have in the population.
Config share_of(const Config& config, AgentRange agents);

/// The same for one agent.
Config single_agent_config(const Config& config, int agent);

/// Whether the field switches something on for any agent.
bool any_above_zero(const PerAgent<float>& field);

}  // namespace polyak
