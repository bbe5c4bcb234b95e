// `polyak export`: a policy for other programs.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_export_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
