// Policies as the command line names them: files, and run directories for all of theirs.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace polyak {

/// The policy files that the arguments name, in their order; those of a run directory in the order
/// of its agents. UsageError for a directory without any.
std::vector<std::string> policy_files(std::span<const std::string> arguments);

}  // namespace polyak
