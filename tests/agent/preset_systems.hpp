// What the presets are to be, from the systems' sources.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "polyak/config_presets.hpp"

namespace polyak::test {

/// Fields and their values as text.
using Texts = std::map<std::string, std::string>;

/// What a system has that differs from Polyak's own defaults; in its TD3, if `td3` says so, what
/// differs from its DDPG.
struct System {
  Preset preset;
  Texts values;
  bool td3 = false;

  std::string name() const { return std::string(to_string(preset)) + (td3 ? "_td3" : ""); }
  /// The preset as the command line makes it.
  Config config() const {
    Config config;
    apply_preset(config, preset);
    if (td3) apply_algorithm(config, Algorithm::td3);
    return config;
  }
};
inline void PrintTo(const System& system, std::ostream* stream) { *stream << system.name(); }

const std::vector<System>& preset_systems();

}  // namespace polyak::test
