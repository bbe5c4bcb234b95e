// `polyak signature`: whether this build's arithmetic gives the bits it must give, and where not.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_signature_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
