// Trainings in every number format against an oracle that rounds as the format does.
#pragma once

#include <functional>

#include "backend/backend.hpp"
#include "polyak/config.hpp"

namespace polyak::test {

/// Holds every agent's training against the oracle that rounds as config.precision does, and
/// expects its gradients to be much nearer to that one's than to those of oracles that round
/// otherwise. What `train` gives is the state after so many iterations from the beginning; later
/// calls ask for more than earlier ones.
void expect_rounding_of_the_format(
    const Config& config, const std::function<TrainingState(std::int64_t iterations)>& train);

}  // namespace polyak::test
