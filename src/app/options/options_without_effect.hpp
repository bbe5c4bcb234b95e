// Options of a training that were given but change nothing in it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "polyak/config.hpp"

namespace CLI {
class App;
}

namespace polyak {

/// Options of the command line that change nothing in any of these trainings, and why: "--tau: has
/// no effect without ...". At least one training.
std::vector<std::string> options_without_effect(const CLI::App& command,
                                                std::span<const Config> trainings);

/// UsageError that names an option of the command line without which `config` would be the same
/// training. Presets and files may have such values; who types one expects something of it.
void refuse_options_without_effect(const CLI::App& command, const Config& config);

/// The same of an option that has no effect in any of several trainings. At least one.
void refuse_options_without_effect(const CLI::App& command, std::span<const Config> trainings);

}  // namespace polyak
