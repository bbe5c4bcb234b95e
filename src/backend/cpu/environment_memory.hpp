// What recurrent networks remember of the environments.
#pragma once

#include <vector>

#include "backend/cpu/cell_pass.hpp"
#include "backend/cpu/collector.hpp"

namespace polyak::cpu {

/// The recurrent states of environments around the actor's pass over one chunk of them. Where the
/// replay stores states, the critics' cells follow the environments too.
class EnvironmentMemory {
 public:
  /// Scratch memory for chunks of chunk_columns environments, for a recurrent policy.
  explicit EnvironmentMemory(const Config& config);

  /// Before the pass: the environments' states into the actor's cell, and what it sees of the step
  /// before behind the observations in `inputs`; nothing of either at an episode's start.
  void recall(const AgentForSteps& agent, Chunk environments, CellPass& actor, PanelMatrix& inputs);

  /// After the pass.
  void keep(const AgentForSteps& agent, Chunk environments, const CellPass& actor) const;

 private:
  float* state_of(const AgentForSteps& agent, std::int64_t environment) const;
  std::size_t number_of(const AgentForSteps& agent, std::int64_t environment) const;
  void write_step_before(const AgentForSteps& agent, const ReplayIndex& row, std::ptrdiff_t column,
                         PanelMatrix& inputs) const;

  Config config_;
  RowLayout row_layout_;
  NetworkLayout critic_layout_;
  int network_floats_;             // of the states of one network
  int environment_floats_;         // of all states of an environment
  std::vector<CellPass> critics_;  // where the replay stores states
};

}  // namespace polyak::cpu
