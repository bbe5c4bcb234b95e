// `polyak report`: trainings as one page to look at.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_report_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
