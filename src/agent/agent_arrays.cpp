#include "agent/agent_arrays.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

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

TrainingState part_of(const TrainingState& state, int agents, AgentRange range, AgentPart part) {
  TrainingState some;
  some.vector_steps = state.vector_steps;
  some.updates = state.updates;
  visit_agent_arrays(
      [&](ArrayOf array_of, auto& own, const auto& all) {
        if (!has_part(part, array_of)) return;
        const std::ptrdiff_t stride = stride_of(all.size(), agents);
        const auto begin = all.begin() + range.first * stride;
        own.assign(begin, begin + range.count * stride);
      },
      some, state);
  return some;
}

}  // namespace

bool has_part(AgentPart part, ArrayOf array_of) {
  return part == AgentPart::everything || array_of == ArrayOf::networks;
}

TrainingState agent_of(const TrainingState& state, int agents, int agent, AgentPart part) {
  return part_of(state, agents, {agent, 1}, part);
}

TrainingState agents_of(const TrainingState& state, int agents, AgentRange range) {
  return part_of(state, agents, range, AgentPart::everything);
}

TrainingState join_agents(std::vector<TrainingState> parts) {
  TrainingState all = std::move(parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const TrainingState part = std::move(parts[i]);  // whose memory is free again after its turn
    visit_agent_arrays(
        [](ArrayOf, auto& before, const auto& more) {
          before.insert(before.end(), more.begin(), more.end());
        },
        all, part);
  }
  return all;
}

void set_agent(TrainingState& state, int agents, int agent, const TrainingState& single) {
  visit_agent_arrays(
      [&](ArrayOf array_of, auto& all, const auto& own) {
        if (array_of == ArrayOf::data && own.empty()) return;
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
          if (!has_part(copy.part, array_of)) continue;
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
