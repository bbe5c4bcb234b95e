// `polyak evaluate`: how good policies are, without noise.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_evaluate_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
