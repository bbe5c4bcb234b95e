// The arrays that a training on the device and a TrainingState have in common.
#pragma once

#include "agent/agent_arrays.hpp"
#include "backend/cuda/training_buffers.hpp"

namespace polyak::cuda {

/// Calls visitor(name, array_of, buffer, array of the state) for all of them but the replay's rows.
/// Each has the agent as its first dimension.
template <class Training, class State, class Visitor>
void visit_arrays(Training& training, State& state, const Visitor& visitor) {
  const auto visit_network = [&](auto& buffers, auto& network) {
    constexpr ArrayOf learned = ArrayOf::networks;
    visitor("network parameters", learned, buffers.parameters, network.parameters);
    visitor("target parameters", learned, buffers.target, network.target);
    visitor("first moments", learned, buffers.first_moment, network.first_moment);
    visitor("second moments", learned, buffers.second_moment, network.second_moment);
    visitor("running statistics", learned, buffers.statistics, network.statistics);
    visitor("target statistics", learned, buffers.target_statistics, network.target_statistics);
  };
  visit_network(training.actor, state.actor);
  visit_network(training.critic, state.critic);
  visitor("observation moments", ArrayOf::networks, training.normalisation.moments,
          state.observation_moments);
  const auto visit_data = [&](const char* name, auto& buffer, auto& values) {
    visitor(name, ArrayOf::data, buffer, values);
  };
  auto& environments = training.environments;
  visit_data("environment states", environments.states, state.environment_states);
  visit_data("exploration noise", environments.exploration_noise, state.exploration_noise);
  visit_data("episode steps", environments.episode_steps, state.episode_steps);
  visit_data("episode returns", environments.episode_returns, state.episode_returns);
  visit_data("recurrent states", environments.recurrent_states, state.recurrent_states);
  visit_data("rows written", training.replay.rows_written, state.rows_written);
}

}  // namespace polyak::cuda
