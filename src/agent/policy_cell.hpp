// A policy's recurrent cell, one step of one episode at a time.
#pragma once

#include <span>

#include "polyak/policy.hpp"

namespace polyak {

/// What a step computes with: its size is limited so that nothing is allocated. Whatever is not
/// written to is not initialised.
struct PolicyWorkspace {
  static constexpr std::size_t largest_width = 1024, largest_cell = 256;
  static constexpr std::size_t largest_input = 2 * largest_width + 1;  // a cell's

  float values[2][largest_input];
  float sums[2][max_gates * largest_cell];
};

/// One step of the cell of a recurrent policy: from the normalised observation [observation_size]
/// and what `memory` holds to the next hidden and cell. Uses sums and values[1] of `workspace`.
/// UsageError if the memory is that of a policy with other sizes.
void step_policy_cell(const Policy& policy, std::span<const float> observation,
                      PolicyMemory& memory, PolicyWorkspace& workspace);

}  // namespace polyak
