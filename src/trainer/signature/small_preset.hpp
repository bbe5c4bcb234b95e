// Presets as trainings of a moment.
#pragma once

#include "polyak/config.hpp"

namespace polyak {

/// A preset with narrow layers, and with sizes, counts and lengths of time of `sizes`, so that it
/// takes moments; what it does is as in the preset.
Config small_preset(Preset preset, const Config& sizes);

}  // namespace polyak
