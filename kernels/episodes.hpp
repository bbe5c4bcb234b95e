// Whole noise-free episodes in one launch: evaluation and rollout.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/environments.hpp"
#include "kernels/observation_statistics.hpp"
#include "polyak/core/activation.hpp"
#include "polyak/core/recurrent_cell.hpp"

namespace polyak::kernels {

/// One linear layer of a policy inside an agent's parameters.
struct PolicyLayer {
  int inputs, outputs;
  std::int64_t weight_offset;  // W: [outputs, inputs], row-major
  std::int64_t bias_offset;    // b: [outputs]
  Activation activation;
  bool layer_norm = false;              // before the activation (polyak/core/layer_norm.hpp)
  std::int64_t norm_weight_offset = 0;  // g: [outputs]
  std::int64_t norm_bias_offset = 0;    // h: [outputs]
};
inline constexpr int max_policy_layers = 8;
inline constexpr int max_policy_width = 1024;  // of every layer's inputs and outputs

/// A recurrent cell in front of a policy's layers (polyak/core/recurrent_cell.hpp), inside an
/// agent's parameters. It sees [observation | action before, normalised | reward before, scaled],
/// the last two zero at an episode's first step; layer 0 sees [hidden | observation].
struct PolicyCell {
  PolicyKind kind = PolicyKind::feed_forward;  // which is: there is none
  int units = 0;
  int inputs = 0;                            // observation_size + action_size + 1
  std::int64_t input_weight_offset = 0;      // W: [gates * units, inputs], row-major
  std::int64_t input_bias_offset = 0;        // b: [gates * units]
  std::int64_t recurrent_weight_offset = 0;  // U: [gates * units, units], row-major
  std::int64_t recurrent_bias_offset = 0;    // b': [gates * units]
};
inline constexpr int max_cell_units = 256;

/// The actors of all agents: multilayer perceptrons of one shape, perhaps behind a recurrent cell.
struct Policies {
  int layer_count;  // 1 to max_policy_layers
  std::array<PolicyLayer, max_policy_layers> layers;
  const float* parameters;  // [agents, agent_stride]
  std::int64_t agent_stride;
  Normalisers normalisers;  // of the observations
  PolicyCell cell = {};
  const float* reward_scale = nullptr;  // [agents], of the rewards that a cell sees; null: 1
};
inline bool is_recurrent(const Policies& policies) {
  return policies.cell.kind != PolicyKind::feed_forward;
}

/// Where everything that happens in the episodes of one agent is written down. What is not reached
/// because an episode ended early is left as it was.
struct TrajectoryArrays {
  std::int32_t* lengths;     // [starts]
  float* states;             // [starts, time_limit + 1, state_size], the start included
  float* actions;            // [starts, time_limit, action_size], in environment units
  float* rewards;            // [starts, time_limit]
  std::uint8_t* terminated;  // [starts]: 1 if the last step terminated
};

/// One episode of every agent from every start state, without noise, until it terminates or reaches
/// the time limit.
struct EvaluateEpisodes {
  EnvironmentChoice environment;
  int agents;
  std::int64_t starts;
  const float* start_states;  // [starts, state_size], the same for all agents
  Policies policies;
  float* returns;                        // [agents, starts], undiscounted, summed in double
  const TrajectoryArrays* trajectories;  // on the host, its pointers to the device; nullptr to
                                         // record nothing; needs agents = 1
  // Of the random numbers that stochastic steps take: the same for all agents, those of episode
  // first_episode + i from start state i.
  std::uint64_t seed = 0;
  std::int64_t first_episode = 0;
};
/// cudaErrorInvalidValue if a layer is wider than max_policy_width or a cell wider than
/// max_cell_units, the layers and the cell do not fit each other or the environment, or a recording
/// is asked for with several agents.
cudaError_t launch_evaluate_episodes(const EvaluateEpisodes& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
