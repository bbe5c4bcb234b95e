// Which actions in a training are a policy's own.
#pragma once

#include <cstdint>

#include "polyak/config.hpp"

namespace polyak {

/// In how many action dimensions an agent's policy chose in vector steps [from, to): the random
/// actions of the warm-up are not its own.
std::int64_t policy_actions(const Config& config, std::int64_t from, std::int64_t to);

}  // namespace polyak
