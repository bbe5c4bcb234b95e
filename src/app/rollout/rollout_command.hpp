// `polyak rollout`: trajectories of a policy, or single transitions, as CSV.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_rollout_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
