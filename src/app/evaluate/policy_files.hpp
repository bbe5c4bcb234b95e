// Policies as the command line names them: files, and run directories for all of theirs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "polyak/policy.hpp"

namespace polyak {

struct NamedPolicy {
  std::string file;
  Policy policy;
};

/// The policies that the arguments name, in their order; those of a run directory in the order of
/// its agents, and all of one training, even if another replaces it meanwhile. UsageError for a
/// directory without any, and for files that are no policies.
std::vector<NamedPolicy> load_policies(std::span<const std::string> arguments);

}  // namespace polyak
