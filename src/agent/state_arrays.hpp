// The complete state of a training as named arrays.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "agent/agent.hpp"

namespace polyak {
namespace detail {

/// Moments as their doubles: [.., 2], mean and squares.
template <class Values>
auto moments_as_doubles(Values& moments) {
  static_assert(sizeof(Moments) == 2 * sizeof(double));
  using Double = std::conditional_t<std::is_const_v<Values>, const double, double>;
  return std::span<Double>(reinterpret_cast<Double*>(moments.data()), 2 * moments.size());
}

template <class Network, class Visitor>
void visit_network_arrays(const std::string& name, Network& network, const Visitor& visit) {
  visit(name + ".first_moment", std::span(network.first_moment));
  visit(name + ".second_moment", std::span(network.second_moment));
  visit(name + ".parameters", std::span(network.parameters));
  visit(name + ".statistics", std::span(network.statistics));
}

}  // namespace detail

/// Calls visit(name, span) for every array of `state` (const or not), with spans of float, double,
/// int32 or int64; their shapes are in TrainingState, and the two counters are arrays of one. The
/// order is that in which an iteration writes them, a critic's update before an actor's.
template <class State, class Visitor>
requires std::is_same_v<std::remove_const_t<State>, TrainingState>
void visit_state_arrays(State& state, const Visitor& visit) {
  const auto visit_named = [&visit](std::string_view name, const auto& values) {
    visit(std::string(name), values);
  };
  visit_named("exploration_noise", std::span(state.exploration_noise));
  visit_named("replay_rows", std::span(state.replay_rows));
  visit_named("rows_written", std::span(state.rows_written));
  visit_named("recurrent_states", std::span(state.recurrent_states));
  visit_named("environment_states", std::span(state.environment_states));
  visit_named("episode_steps", std::span(state.episode_steps));
  visit_named("episode_returns", std::span(state.episode_returns));
  visit_named("observation_moments", detail::moments_as_doubles(state.observation_moments));
  visit_named("vector_steps", std::span(&state.vector_steps, 1));
  detail::visit_network_arrays("critic", state.critic, visit);
  detail::visit_network_arrays("actor", state.actor, visit);
  visit_named("critic.target", std::span(state.critic.target));
  visit_named("critic.target_statistics", std::span(state.critic.target_statistics));
  visit_named("actor.target", std::span(state.actor.target));
  visit_named("actor.target_statistics", std::span(state.actor.target_statistics));
  visit_named("updates", std::span(&state.updates, 1));
}

}  // namespace polyak
