// Results that are no numbers are failures: found before anybody prints or writes them.
#pragma once

#include <cstddef>
#include <span>

#include "backend/backend.hpp"
#include "polyak/environment/environment.hpp"

namespace polyak {

/// RunError that names the first return [agents, starts] that is NaN or infinite.
void require_finite_returns(std::span<const float> returns, std::size_t starts);

/// RunError that names the episode and the step of the first value that is NaN or infinite.
void require_finite(const Trajectories& trajectories, const EnvironmentInfo& environment,
                    int time_limit);

/// RunError that names the row of the first value that is NaN or infinite.
void require_finite(const TransitionResult& result, const EnvironmentInfo& environment);

}  // namespace polyak
