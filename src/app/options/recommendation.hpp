// What an environment recommends, in words.
#pragma once

#include <ostream>
#include <span>
#include <string>

#include "polyak/config.hpp"
#include "polyak/environment/environment.hpp"

namespace polyak {

class ConfigOptions;

/// As on a command line: "--exploration ornstein-uhlenbeck --noise-scale 0.5"; empty if there is
/// nothing.
std::string recommended_options(std::span<const RecommendedSetting> settings);

/// What the environment's recommendation has set in the configuration that these options give, and
/// how to do without; empty if that is nothing.
std::string describe_recommendation(const ConfigOptions& options, const Config& config);

/// The same as a line.
void print_recommendation(std::ostream& out, const ConfigOptions& options, const Config& config);

}  // namespace polyak
