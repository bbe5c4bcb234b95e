// How a population changes between two parts of its training.
#pragma once

namespace polyak {

/// What an agent takes over from another one.
enum class AgentPart {
  /// All: it goes on as the other one would, with its own seed and hyper-parameters from now on.
  everything,
  /// What has been learned: parameters, targets, Adam's moments, running statistics and what
  /// normalises observations. Its replay and its environments stay its own.
  networks,
};

/// One agent that takes over from another.
struct AgentCopy {
  int from;
  int to;
  AgentPart part = AgentPart::everything;
};

}  // namespace polyak
