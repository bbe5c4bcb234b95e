#include "agent/agent_arrays.hpp"

#include <algorithm>
#include <cstddef>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// Calls visit(array_of, vector...) for every array of the states that has the agent as its first
/// dimension, with the same one of each state.
template <class Visitor, class... States>
void visit_agent_arrays(const Visitor& visit, States&... states) {
  const auto visit_networks = [&visit](auto&... networks) {
    visit(ArrayOf::networks, networks.parameters...);
    visit(ArrayOf::networks, networks.target...);
    visit(ArrayOf::networks, networks.first_moment...);
    visit(ArrayOf::networks, networks.second_moment...);
    visit(ArrayOf::networks, networks.statistics...);
    visit(ArrayOf::networks, networks.target_statistics...);
  };
  visit_networks(states.actor...);
  visit_networks(states.critic...);
  visit(ArrayOf::networks, states.observation_moments...);
  visit(ArrayOf::data, states.environment_states...);
  visit(ArrayOf::data, states.exploration_noise...);
  visit(ArrayOf::data, states.episode_steps...);
  visit(ArrayOf::data, states.episode_returns...);
  visit(ArrayOf::data, states.rows_written...);
  visit(ArrayOf::data, states.replay_rows...);
  visit(ArrayOf::data, states.recurrent_states...);
}

std::ptrdiff_t stride_of(std::size_t values, int agents) {
  return static_cast<std::ptrdiff_t>(values / static_cast<std::size_t>(agents));
}

}  // namespace

TrainingState agent_of(const TrainingState& state, int agents, int agent) {
  TrainingState single;
  single.vector_steps = state.vector_steps;
  single.updates = state.updates;
  visit_agent_arrays(
      [&](ArrayOf, auto& own, const auto& all) {
        const std::ptrdiff_t stride = stride_of(all.size(), agents);
        own.assign(all.begin() + agent * stride, all.begin() + (agent + 1) * stride);
      },
      single, state);
  return single;
}

void set_agent(TrainingState& state, int agents, int agent, const TrainingState& single) {
  visit_agent_arrays(
      [&](ArrayOf, auto& all, const auto& own) {
        const std::ptrdiff_t stride = stride_of(all.size(), agents);
        if (stride != std::ssize(own)) {
          throw RunError("an agent's state does not fit the population that it is to join");
        }
        std::copy(own.begin(), own.end(), all.begin() + agent * stride);
      },
      state, single);
}

void copy_agents(TrainingState& state, int agents, std::span<const AgentCopy> copies) {
  visit_agent_arrays(
      [&](ArrayOf array_of, auto& all) {
        const std::ptrdiff_t stride = stride_of(all.size(), agents);
        for (const AgentCopy& copy : copies) {
          if (array_of == ArrayOf::data && copy.part == AgentPart::networks) continue;
          std::copy_n(all.begin() + copy.from * stride, stride, all.begin() + copy.to * stride);
        }
      },
      state);
}

void keep_first_agents(TrainingState& state, int agents, int kept) {
  visit_agent_arrays(
      [&](ArrayOf, auto& all) {
        all.resize(static_cast<std::size_t>(kept * stride_of(all.size(), agents)));
      },
      state);
}

}  // namespace polyak
