// `polyak info`: devices, build, environments, engines, and what a configuration would need.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_info_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
