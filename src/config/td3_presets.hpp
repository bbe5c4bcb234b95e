// The tables of other systems' TD3.
#pragma once

#include "config/presets.hpp"

namespace polyak {

/// What these systems have otherwise in their TD3 than in their DDPG.
PresetTd3 spinningup_td3();
PresetTd3 cleanrl_td3();
PresetTd3 rlzoo_td3();

/// A system of TD3 alone.
PresetDescription rltools_preset();

/// A deviation of several systems.
inline constexpr std::string_view scaled_actions =
    "the critic sees actions in [-1, 1], not in the environment's units";

}  // namespace polyak
