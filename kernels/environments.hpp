// The environments of all agents: acting, stepping, storing.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "kernels/arrays.hpp"
#include "kernels/replay.hpp"
#include "polyak/core/exploration.hpp"
#include "polyak/environment/vector_step.hpp"

namespace polyak::kernels {

/// Which environment runs, by its registered name; a launcher throws UsageError for any other.
struct EnvironmentChoice {
  std::string_view name;
  std::span<const float> parameters;  // on the host; EnvironmentInfo::parameters in their order
  int time_limit;                     // steps
};

/// polyak/environment/vector_step.hpp's EnvironmentsView for every agent.
struct EnvironmentArrays {
  float* states;                // [agents, environments, state_size]
  float* exploration_noise;     // [agents, environments, action_size]
  std::int32_t* episode_steps;  // [agents, environments]
  double* episode_returns;      // [agents, environments]
  EpisodeTotals* totals;        // [agents, environments]
};

/// How every agent explores.
struct ExplorationArrays {
  bool warmup;                   // uniform random actions instead of the policy's
  const ExplorationPlan* plans;  // [agents]
};

/// Observations of all environments, from their states: the actors' input before the first step.
struct Observe {
  EnvironmentChoice environment;
  int agents;
  std::int64_t environments;
  const float* states;       // [agents, environments, state_size]
  StridedBatch observation;  // [environments, observation_size]
};
cudaError_t launch_observe(const Observe& arguments, cudaStream_t stream);

/// One vector step: every environment of every agent chooses its action, steps, and stores the
/// transition; an environment whose episode ended starts the next (choose_action and step_and_store
/// of polyak/environment/vector_step.hpp).
struct VectorStep {
  EnvironmentChoice environment;
  int agents;
  EnvironmentArrays environments;
  Replays replays;  // replays.environments is the number of environments
  ExplorationArrays exploration;
  const std::uint64_t* seed;   // [agents]
  std::int64_t* vector_steps;  // one number on the device: vector steps made; counts this one
  unsigned* arrivals;          // one number on the device, zero before and after: scratch
  ConstStridedBatch
      policy_action;         // [environments, action_size]: the actors' output; not read in warm-up
  StridedBatch observation;  // [environments, observation_size]: after the step
};
cudaError_t launch_vector_step(const VectorStep& arguments, cudaStream_t stream);

/// The choice of actions alone. For benchmarks.
struct ChooseActions {
  EnvironmentChoice environment;
  int agents;
  std::int64_t environments;
  float* exploration_noise;  // [agents, environments, action_size]
  ExplorationArrays exploration;
  const std::uint64_t* seed;         // [agents]
  const std::int64_t* vector_steps;  // one number on the device
  ConstStridedBatch policy_action;   // [environments, action_size]; not read in warm-up
  StridedBatch action;               // [environments, action_size], normalised
};
cudaError_t launch_choose_actions(const ChooseActions& arguments, cudaStream_t stream);

/// Environment steps alone, `steps` in a row with the same actions and without ending episodes or
/// storing anything; rewards are added to the episodes' returns. For benchmarks.
struct StepEnvironments {
  EnvironmentChoice environment;  // its time limit is not looked at
  int agents;
  std::int64_t environments;
  int steps;
  const std::uint64_t* seed;         // [agents]
  const std::int64_t* vector_steps;  // one number on the device: the first step's; not counted
  float* states;                     // [agents, environments, state_size]
  double* episode_returns;           // [agents, environments]
  ConstStridedBatch action;          // [environments, action_size], normalised
};
cudaError_t launch_step_environments(const StepEnvironments& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
