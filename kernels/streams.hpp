// The environment streams of all agents: acting, stepping, storing.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "kernels/arrays.hpp"
#include "kernels/replay.hpp"
#include "polyak/core/exploration.hpp"
#include "polyak/environment/stream.hpp"

namespace polyak::kernels {

/// Which environment runs, by its registered name; a launcher throws UsageError for any other.
struct EnvironmentChoice {
  std::string_view name;
  std::span<const float> parameters;  // on the host; EnvironmentInfo::parameters in their order
  int time_limit;                     // steps
};

/// polyak/environment/stream.hpp's Streams for every agent.
struct StreamArrays {
  float* states;                // [agents, streams, state_size]
  float* exploration_noise;     // [agents, streams, action_size]
  std::int32_t* episode_steps;  // [agents, streams]
  double* episode_returns;      // [agents, streams]
  EpisodeTotals* totals;        // [agents, streams]
};

/// How every agent explores.
struct ExplorationArrays {
  bool warmup;                   // uniform random actions instead of the policy's
  const ExplorationPlan* plans;  // [agents]
};

/// Observations of all streams, from their states: the actors' input before the first step.
struct Observe {
  EnvironmentChoice environment;
  int agents;
  std::int64_t streams;
  const float* states;       // [agents, streams, state_size]
  StridedBatch observation;  // [streams, observation_size]
};
cudaError_t launch_observe(const Observe& arguments, cudaStream_t stream);

/// One vector step: every stream of every agent chooses its action, steps, and stores the
/// transition; a stream whose episode ended starts the next (choose_action and step_stream of
/// polyak/environment/stream.hpp).
struct VectorStep {
  EnvironmentChoice environment;
  int agents;
  StreamArrays streams;
  Replays replays;  // replays.streams is the number of streams
  ExplorationArrays exploration;
  const std::uint64_t* seed;   // [agents]
  std::int64_t* vector_steps;  // one number on the device: vector steps made; counts this one
  unsigned* arrivals;          // one number on the device, zero before and after: scratch
  ConstStridedBatch
      policy_action;         // [streams, action_size]: the actors' output; not read in warm-up
  StridedBatch observation;  // [streams, observation_size]: after the step
};
cudaError_t launch_vector_step(const VectorStep& arguments, cudaStream_t stream);

/// The choice of actions alone. For benchmarks.
struct ChooseActions {
  EnvironmentChoice environment;
  int agents;
  std::int64_t streams;
  float* exploration_noise;  // [agents, streams, action_size]
  ExplorationArrays exploration;
  const std::uint64_t* seed;         // [agents]
  const std::int64_t* vector_steps;  // one number on the device
  ConstStridedBatch policy_action;   // [streams, action_size]; not read in warm-up
  StridedBatch action;               // [streams, action_size], normalised
};
cudaError_t launch_choose_actions(const ChooseActions& arguments, cudaStream_t stream);

/// Environment steps alone, `steps` in a row with the same actions and without ending episodes or
/// storing anything; rewards are added to the episodes' returns. For benchmarks.
struct StepEnvironments {
  EnvironmentChoice environment;  // its time limit is not looked at
  int agents;
  std::int64_t streams;
  int steps;
  const std::uint64_t* seed;         // [agents]
  const std::int64_t* vector_steps;  // one number on the device: the first step's; not counted
  float* states;                     // [agents, streams, state_size]
  double* episode_returns;           // [agents, streams]
  ConstStridedBatch action;          // [streams, action_size], normalised
};
cudaError_t launch_step_environments(const StepEnvironments& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
