#include "backend/cpu/environment_memory.hpp"

#include <algorithm>

#include "polyak/core/sequence.hpp"

namespace polyak::cpu {

EnvironmentMemory::EnvironmentMemory(const Config& config)
    : config_(config),
      row_layout_(row_layout(config)),
      critic_layout_(critic_layout(config)),
      network_floats_(critic_layout_.cell->state_floats()),
      environment_floats_(recurrent_state_floats(config)) {
  for (int floats = network_floats_; floats < environment_floats_; floats += network_floats_) {
    critics_.emplace_back(critic_layout_, BatchShape::rows(chunk_columns));
  }
}

void EnvironmentMemory::recall(const AgentForSteps& agent, Chunk environments, CellPass& actor,
                               PanelMatrix& inputs) {
  for (std::ptrdiff_t column = 0; column < environments.count; ++column) {
    const std::int64_t environment = environments.begin + column;
    float* const state = state_of(agent, environment);
    if (agent.state.episode_steps[number_of(agent, environment)] == 0) {
      std::fill_n(state, environment_floats_, 0.0f);
    }
    actor.set_state(column, state);
    for (std::size_t i = 0; i < critics_.size(); ++i) {
      critics_[i].set_state(column, state + (static_cast<int>(i) + 1) * network_floats_);
    }
    const ReplayIndex newest{environment, agent.replay.rows_written[environment] - 1};
    std::copy_n(state, row_layout_.state_floats,
                agent.replay.row(environment, newest.number) + row_layout_.state_offset());
    write_step_before(agent, newest, column, inputs);
  }
  for (std::size_t i = 0; i < critics_.size(); ++i) {
    const auto offset = static_cast<std::int64_t>(i) * critic_layout_.network_floats;
    critics_[i].forward(agent.critic + offset, inputs, {0, environments.count});
  }
}

void EnvironmentMemory::keep(const AgentForSteps& agent, Chunk environments,
                             const CellPass& actor) const {
  for (std::ptrdiff_t column = 0; column < environments.count; ++column) {
    float* const state = state_of(agent, environments.begin + column);
    actor.copy_state(column, state);
    for (std::size_t i = 0; i < critics_.size(); ++i) {
      critics_[i].copy_state(column, state + (static_cast<int>(i) + 1) * network_floats_);
    }
  }
}

float* EnvironmentMemory::state_of(const AgentForSteps& agent, std::int64_t environment) const {
  return &agent.state.recurrent_states[number_of(agent, environment) *
                                       static_cast<std::size_t>(environment_floats_)];
}

/// Among the environments of all agents.
std::size_t EnvironmentMemory::number_of(const AgentForSteps& agent,
                                         std::int64_t environment) const {
  return static_cast<std::size_t>(std::int64_t{agent.agent} * config_.environments + environment);
}

void EnvironmentMemory::write_step_before(const AgentForSteps& agent, const ReplayIndex& row,
                                          std::ptrdiff_t column, PanelMatrix& inputs) const {
  const StepBefore before = step_before(agent.replay, row, config_.reward_scale[agent.agent]);
  const int first = row_layout_.observation_size, actions = row_layout_.action_size;
  for (int i = 0; i < actions; ++i) {
    inputs(first + i, column) = before.action != nullptr ? before.action[i] : 0.0f;
  }
  inputs(first + actions, column) = before.reward;
}

}  // namespace polyak::cpu
