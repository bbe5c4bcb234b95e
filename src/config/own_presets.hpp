// The presets that are Polyak's own, for any algorithm.
#pragma once

#include "config/presets.hpp"

namespace polyak {

PresetDescription massive_preset();
PresetDescription recurrent_preset();
PresetDescription best_preset();

/// Whether a preset is Polyak's and not somebody's system.
constexpr bool is_own_preset(Preset preset) {
  return preset == Preset::fast || preset == Preset::massive || preset == Preset::recurrent ||
         preset == Preset::best;
}

}  // namespace polyak
