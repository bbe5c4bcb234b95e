// `polyak tune`: a search over hyper-parameters.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_tune_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
