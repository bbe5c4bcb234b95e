// `rollout --animate`: an episode as a picture that moves.
#pragma once

#include <filesystem>
#include <string>

#include "backend/backend.hpp"

namespace polyak {

/// UsageError unless the file's name ends in .svg or .gif.
void check_animation_name(const std::filesystem::path& file);

/// The content of such a file: the only episode of `trajectories`.
std::string animation(const std::filesystem::path& file, const Trajectories& trajectories,
                      const SimulatorConfig& config);

}  // namespace polyak
