// `polyak bench`: throughput of every part of a training.
#pragma once

#include "app/command.hpp"

namespace polyak {

void add_bench_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
