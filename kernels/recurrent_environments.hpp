// What a recurrent actor sees of the environments that it acts in.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/arrays.hpp"
#include "kernels/replay.hpp"

namespace polyak::kernels {

/// The inputs of the actors' next step, and a fresh state for every environment that begins an
/// episode. Where the replays store states, every environment's goes into its open row.
struct RecurrentInputs {
  int agents;
  std::int64_t environments;
  Replays replays;                    // of these environments: where the step before is found
  const std::int32_t* episode_steps;  // [agents, environments]: steps made in the current episode
  ConstStridedBatch observation;      // [environments, observation_size]: as the actor sees it
  const ReturnSettings* returns;      // [agents]: for the rewards' scale
  // [environments, observation_size + action_size + 1]: observation | action before | reward
  // before; zeros behind the observation before an episode's first step.
  StridedBatch input;
  int state_floats;  // of one environment; as many as a row stores, if it stores any
  float* states;     // [agents, environments, state_floats]: zero before an episode's first step
};
cudaError_t launch_recurrent_inputs(const RecurrentInputs& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
