// A policy's recurrent cell, one step of one episode at a time.
#pragma once

#include <span>
#include <vector>

#include "polyak/policy.hpp"

namespace polyak {

/// W x + b of a layer, in the order of polyak/core/summation.hpp; weight [bias.size(),
/// input.size()].
std::vector<float> affine_map(const std::vector<float>& weight, const std::vector<float>& bias,
                              const std::vector<float>& input);

/// One step of the cell of a recurrent policy: from the normalised observation [observation_size]
/// and what `memory` holds to the next hidden and cell. UsageError if the memory is that of a
/// policy with other sizes.
void step_policy_cell(const Policy& policy, std::span<const float> observation,
                      PolicyMemory& memory);

}  // namespace polyak
