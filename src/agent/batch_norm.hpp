// What the back ends share of batch normalisation, and its end: in evaluation it is an affine map,
// which goes into the weights and biases of plain layers.
#pragma once

#include <span>
#include <vector>

#include "agent/agent.hpp"
#include "polyak/core/batch_norm.hpp"

namespace polyak {

/// What the critic normalises by in the actor's update.
inline BatchNormMode policy_value_mode(const Config& config) {
  return config.batch_norm_policy_evaluation ? BatchNormMode::evaluation : BatchNormMode::batch;
}

/// The running statistics of one network (of the first agent's, where a pass is of all agents), and
/// what a pass does with them. Of no account without batch normalisation.
struct NormStatistics {
  float* running = nullptr;
  BatchNormMode mode = BatchNormMode::evaluation;
};

/// Networks of plain layers, one of each agent.
struct PlainNetworks {
  NetworkLayout layout;
  std::vector<float> parameters;  // [agents, layout.stride]
};

/// What actors with batch normalisation compute in evaluation.
///   parameters  [agents, layout.stride]
///   statistics  [agents, layout.statistics_stride], the running ones
PlainNetworks fold_batch_norm(const NetworkLayout& layout, std::span<const float> parameters,
                              std::span<const float> statistics);

}  // namespace polyak
