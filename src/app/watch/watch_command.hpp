// `polyak watch`: a training in the terminal.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_watch_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
