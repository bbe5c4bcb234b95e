// `polyak compare`: the same training on several devices, side by side.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_compare_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
