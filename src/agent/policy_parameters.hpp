// Between a policy's tensors and the flat parameter arrays of the back ends.
#pragma once

#include <span>
#include <vector>

#include "agent/agent.hpp"
#include "polyak/policy.hpp"

namespace polyak {

/// A policy's network as the back ends run it.
struct PolicyNetwork {
  NetworkLayout layout;
  std::vector<float> parameters;  // [layout.stride]
  ObservationNormalisers normaliser;
  float reward_scale = 1.0f;  // what a recurrent policy's previous rewards are multiplied by
};
PolicyNetwork pack_policy(const Policy& policy);

/// The policy of agent number `agent` of a training; parameters [actor layout stride] and running
/// statistics [actor layout statistics_stride], its own. Batch normalisation goes into the weights
/// and biases of plain layers. `training` is left empty for the caller to fill.
Policy unpack_policy(const Config& config, int agent, std::span<const float> parameters,
                     const ObservationNormaliser& normaliser,
                     std::span<const float> statistics = {});

}  // namespace polyak
