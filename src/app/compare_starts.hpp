// The start states on which `polyak compare` judges policies.
#pragma once

#include <string>

#include "io/starts_file.hpp"
#include "polyak/config.hpp"

namespace polyak {

/// Those in `path`; if that is empty, for Pendulum-v1 as it is by default the reference starts with
/// their best returns, and for every other task start states drawn from the environment.
/// UsageError if a file is missing or wrong.
Starts comparison_starts(const Config& config, const std::string& path);

}  // namespace polyak
