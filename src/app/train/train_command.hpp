// `polyak train`: from a configuration to a directory of policies and records.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_train_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
