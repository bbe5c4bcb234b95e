// What reader and writer of policy files agree on.
#pragma once

#include <string>
#include <string_view>

#include "polyak/policy.hpp"

namespace polyak::policy_format {

inline constexpr std::string_view format_name = "polyak policy";

// Each version has what a reader of the one before would not heed. Version 2: observation_mean and
// observation_scale. Version 3: a recurrent cell, whose observations may be normalised or not. A
// checksum, or none in files of earlier programs, is in all of them: readers need not heed it.
inline constexpr std::string_view plain_version = "1", normalising_version = "2",
                                  recurrent_version = "3";

inline constexpr std::string_view training_prefix = "training.";

/// Whether this program knows the environment: its parameters' names and its sizes.
bool is_registered(std::string_view environment);

/// What Policy::save writes. UsageError if the parameters of an environment that is not registered
/// have not as many names.
std::string serialise(const Policy& policy);

}  // namespace polyak::policy_format
