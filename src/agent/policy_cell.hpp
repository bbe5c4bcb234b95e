// A policy's recurrent cell, one step of one episode at a time.
#pragma once

#include <span>

#include "polyak/policy.hpp"

namespace polyak {

/// One step of the cell of a recurrent policy: from the normalised observation [observation_size]
/// and what `memory` holds to the next hidden and cell. UsageError if the memory is that of a
/// policy with other sizes.
void step_policy_cell(const Policy& policy, std::span<const float> observation,
                      PolicyMemory& memory);

}  // namespace polyak
